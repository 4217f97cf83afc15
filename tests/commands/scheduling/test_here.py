"""A run in this workspace: its entry, its log, the GPU that it sees, and why it failed."""

from pathlib import Path

import pytest
from given.toy_study import Toy
from ruamel.yaml import YAML

from resnet_depth.commands.scheduling.here import Here, recorded
from resnet_depth.commands.scheduling.slots import Slots
from resnet_depth.commands.scheduling.tasks import Outcome, Task, TaskFailed

ROOT = Path(__file__).parents[3]
SETTINGS = Task("settings", {}, alone=False)


@pytest.fixture(scope="module")
def fresh(tmp_path_factory):
    return Toy(tmp_path_factory.mktemp("fresh") / "toy").make()


@pytest.fixture
def toy(fresh, tmp_path):
    return fresh.copy(tmp_path / "toy")


def test_a_run_sees_the_gpu_of_its_place_and_gives_its_entry(toy):
    code = 'mkdir -p data; echo "sees GPU $CUDA_VISIBLE_DEVICES" | tee data/settings.ok\n'
    (toy.folder / "code" / "settings.sh").write_text(code)

    outcome = Here(toy.folder, Slots(1, ["7", "8"]))(SETTINGS)

    assert (toy.folder / "data" / "settings.ok").read_text() == "sees GPU 7\n"
    assert outcome == Outcome("settings", toy.entries()["settings"], "")
    assert "sees GPU 7" in (toy.folder / ".logs" / "settings.log").read_text()


def test_a_failed_run_says_its_last_line_and_where_its_log_is(toy):
    toy.mark("fail", "settings")

    with pytest.raises(TaskFailed) as failure:
        Here(toy.folder, Slots(1, []))(SETTINGS)

    assert failure.value.args == ("settings", "no good", ".logs/settings.log")


def test_once_it_is_stopped_no_run_starts(toy):
    here = Here(toy.folder, Slots(1, []))
    here.stop()

    with pytest.raises(TaskFailed):
        here(SETTINGS)

    assert toy.ran() == []


def test_the_lines_of_an_entry_are_what_the_whole_lock_has():
    lock = ROOT / "dvc.lock"
    entries = YAML(typ="safe").load(lock.read_text(encoding="utf-8"))["stages"]

    assert {name: recorded(lock, name) for name in entries} == entries
    # Of names that others begin with, and of those that it lacks, there is none.
    assert recorded(lock, "train@digits-reference-18") is None
    assert recorded(ROOT / "no.lock", "settings") is None
