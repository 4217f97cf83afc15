"""Workers that share only git and DVC's remote give what one `dvc repro` gives, whatever befalls."""

import pickle
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from given.fan import Fan
from ruamel.yaml import YAML

from resnet_depth.commands.scheduling.cloning.clones import InClone, worker_machine
from resnet_depth.commands.scheduling.cloning.entries import Recorder
from resnet_depth.commands.scheduling.here import Here
from resnet_depth.commands.scheduling.cloning.remote import remote_settings, send
from resnet_depth.commands.scheduling.cloning.sharing import SharedHere
from resnet_depth.commands.scheduling.slots import Slots
from resnet_depth.commands.scheduling.tasks import Outcome, Task, TaskFailed

SEEDS = 4


@pytest.fixture
def fan(tmp_path):
    """A study whose `prepare` is recorded and in the remote."""
    return prepared(Fan(tmp_path / "study", SEEDS))


def prepared(fan):
    fan.run("-m", "dvc", "repro", "prepare")
    send(fan.folder, ["prepare"])
    return fan


def in_clone(fan, **options):
    home = fan.folder.parent / "clones"
    return InClone(str(fan.folder), fan.head, remote_settings(fan.folder), home=home, **options)


def train(fan, seed=0):
    return Task(f"train@{seed}", fan.entries(), alone=False)


def sorted_text(lock):
    """A dvc.lock with its entries in the order of their names."""
    content = YAML(typ="safe").load(lock.read_text(encoding="utf-8"))
    content["stages"] = dict(sorted(content["stages"].items()))
    text = lock.with_name("sorted.lock")
    with text.open("w", encoding="utf-8") as file:
        YAML().dump(content, file)
    return text.read_bytes()


def run_in_three_clones(fan):
    """Run the study by three workers at once, its last stage here; return what was refused."""
    run, recorder = in_clone(fan), Recorder(fan.folder, fan.head, worker_machine())
    refused = {}
    with ThreadPoolExecutor(3) as pool:
        for stage in ("train", "evaluate"):
            entries = fan.entries()
            tasks = [Task(f"{stage}@{seed}", entries, alone=False) for seed in range(SEEDS)]
            refused |= recorder.record(list(zip(tasks, pool.map(run, tasks), strict=True)))
    recorder.close()
    here = SharedHere(fan.folder, Here(fan.folder, Slots(1, []), worker_machine()))
    here(Task("summarize", fan.entries(), alone=False))
    return refused


def test_three_workers_give_the_same_lock_and_outputs_as_a_serial_run(fan, tmp_path):
    serial = fan.clone(tmp_path / "serial")
    fan.run("-m", "dvc", "--cd", str(serial), "repro")
    once = fan.trained()

    assert run_in_three_clones(fan) == {}

    assert sorted_text(fan.lock) == sorted_text(serial / "dvc.lock")
    summary = "metrics/summary"
    assert (fan.folder / summary).read_bytes() == (serial / summary).read_bytes()
    assert sorted(fan.trained()) == sorted(once * 2)
    assert "up to date" in fan.run("-m", "dvc", "status", "summarize").stdout
    assert len(list((tmp_path / "clones").glob("*-[0-9]"))) == 3
