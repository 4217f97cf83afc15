"""What clones hand back gets into dvc.lock if it is right in every part, and at once."""

import signal
import subprocess
import sys
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import replace

import pytest
from dvc.utils.serialize import modify_yaml
from given.shared_toy import MACHINE

from resnet_depth.commands.reproducing.whole_lock import modify_whole
from resnet_depth.commands.scheduling.cloning import clones, entries
from resnet_depth.commands.scheduling.cloning.entries import Recorder, splice


@pytest.fixture(scope="module")
def trained(prepared_toy, tmp_path_factory):
    """A study, and the outcomes of its two trainings, which aren't recorded yet."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clones, "own_machine", lambda: MACHINE)
        toy = prepared_toy.copy(tmp_path_factory.mktemp("trained"))
        run = toy.runner()
        return toy, [run(toy.task(f"train@toy-plain-18-{seed}")) for seed in (0, 1)]


@pytest.fixture
def study(trained, tmp_path):
    """A copy of the study whose trainings are to be recorded, and their outcomes."""
    toy, outcomes = trained
    return toy.copy(tmp_path), deepcopy(outcomes)


def record(toy, outcomes, machine=MACHINE):
    recorder = Recorder(toy.folder, toy.head, toy.entries(), machine, patience=0)
    try:
        return {each.name: each.last_line for each in recorder.record(outcomes)}
    finally:
        recorder.close()


def test_right_entries_are_recorded_and_for_dvc_they_are_up_to_date(study):
    toy, outcomes = study

    assert record(toy, outcomes) == {}

    assert {each.name for each in outcomes} <= toy.entries().keys()
    said = toy.dvc("repro", "--allow-missing", "--dry", "train")
    assert "up to date" in said


def set_in(entry, *path, value):
    *parts, last = path
    for part in parts:
        entry = entry[part]
    entry[last] = value


NONE, RECIPE, NETWORK = "0" * 32, "recipes.plain", "models/toy/plain/resnet18-seed0"


@pytest.mark.parametrize(
    ("path", "value", "fault"),
    [
        (("cmd",), "true", "it ran another command"),
        (
            ("params", "params.yaml", "recipes.plain"),
            {"lr": 2},
            "it ran with another recipes.plain",
        ),
        (("params",), {}, f"it ran with another {RECIPE}"),
        (("deps", 0, "md5"), NONE, "it read another code/train.sh"),
        (("deps", 1, "md5"), NONE, "it read another data/prepared/toy.txt"),
        (("deps", 1, "path"), "data/other", "it has other deps than dvc.yaml"),
        (("outs", 0, "path"), "models/other", "it has other outs than dvc.yaml"),
        (("outs",), [], "it has other outs than dvc.yaml"),
        (
            ("outs", 0, "md5"),
            f"{NONE}.dir",
            "models/toy/plain/resnet18-seed0 isn't in DVC's remote",
        ),
        (("outs", 0, "colour"), "red", "it isn't in the form of dvc.lock"),
        (("colour",), "red", "it isn't in the form of dvc.lock"),
    ],
)
def test_a_wrong_entry_is_refused_by_name_and_the_other_one_recorded(study, path, value, fault):
    toy, (wrong, right) = study
    set_in(wrong.entry, *path, value=value)

    assert record(toy, [wrong, right]) == {wrong.name: f"not accepted: {fault}"}

    assert (wrong.name in toy.entries(), right.name in toy.entries()) == (False, True)


@pytest.mark.parametrize("comment", ["", "# Not as DVC writes it.\n"])
def test_an_entry_takes_the_place_of_an_earlier_one_in_the_form_of_dvc(study, comment):
    toy, outcomes = study
    lock = toy.folder / "dvc.lock"
    splice(toy.folder, {each.name: each.entry for each in outcomes})
    with modify_yaml(str(lock)) as content:
        content["stages"][outcomes[0].name]["cmd"] = "a long command " * 20
    as_dvc_writes = lock.read_text()
    lock.write_text(comment + as_dvc_writes.replace("a long command", "an old one", 1))

    splice(toy.folder, {outcomes[0].name: {**outcomes[0].entry, "cmd": "a long command " * 20}})

    assert lock.read_text() == comment + as_dvc_writes


def test_an_entry_with_an_empty_line_stays_whole(study):
    toy, (first, second) = study
    several = {**first.entry, "cmd": "first line\n\nthird line\n"}

    splice(toy.folder, {first.name: several})
    splice(toy.folder, {second.name: second.entry})

    assert toy.entries()[first.name] == several
    assert toy.entries()[second.name] == second.entry
    text = (toy.folder / "dvc.lock").read_text()
    with modify_yaml(str(toy.folder / "dvc.lock")):
        pass  # DVC writes all of it anew.
    assert (toy.folder / "dvc.lock").read_text() == text


def test_where_there_is_no_lock_one_is_begun(study):
    toy, (outcome, _) = study
    (toy.folder / "dvc.lock").unlink()

    splice(toy.folder, {outcome.name: outcome.entry})

    assert toy.entries() == {outcome.name: outcome.entry}


def test_an_input_that_was_recorded_anew_meanwhile_is_noticed(study):
    toy, (outcome, _) = study
    with modify_whole(toy.folder / "dvc.lock") as content:
        content["stages"]["prepare@toy"]["outs"][0]["md5"] = NONE

    assert record(toy, [outcome]) == {
        outcome.name: "not accepted: it read another data/prepared/toy.txt"
    }


def test_another_machine_class_is_refused_by_name_unless_any_is_right(study):
    toy, (outcome, _) = study
    other = replace(outcome, machine=MACHINE.replace('"P"', '"Q"'))

    assert record(toy, [other]) == {
        other.name: "not accepted: it ran on a machine of another class, processor: Q (here P)"
    }
    assert record(toy, [other], machine=None) == {}


def test_an_edit_of_the_workspace_meanwhile_changes_nothing(study):
    toy, outcomes = study
    (toy.folder / "code" / "train.sh").write_text("exit 1\n", encoding="utf-8")
    toy.edit_params(lambda params: params["recipes"]["plain"].update(lr=7))

    assert record(toy, outcomes) == {}


# The new lock is written beside the old one, whose place it is about to take.
KILLED = """
import os, signal, sys
from pathlib import Path
from resnet_depth.base import files
from resnet_depth.commands.scheduling.cloning.entries import splice

files._flush = lambda path: os.kill(os.getpid(), signal.SIGKILL)
splice(Path(), {"train": {"cmd": "true"}})
"""


def test_a_coordinator_that_is_killed_as_it_writes_leaves_a_whole_lock(study):
    toy, outcomes = study
    text = (toy.folder / "dvc.lock").read_text()

    assert toy.run("-c", KILLED, check=False).returncode == -signal.SIGKILL

    assert (toy.folder / "dvc.lock").read_text() == text
    assert record(toy, outcomes) == {}
    assert {each.name for each in outcomes} < toy.entries().keys()


def test_two_entries_are_one_write_for_which_another_dvc_waits(study, monkeypatch):
    toy, outcomes = study
    writes, waiting = [], []

    @contextmanager
    def watched(path):
        writes.append(path)
        command = [sys.executable, "-m", "dvc", "--wait-for-lock", "repro", "--force", "settings"]
        other = subprocess.Popen(command, cwd=toy.folder, stdout=subprocess.DEVNULL)
        waiting.append(other)
        with modify_whole(path) as content:
            yield content
            # It can't end as long as this has the lock.
            with pytest.raises(subprocess.TimeoutExpired):
                other.wait(3)

    monkeypatch.setattr(entries, "modify_whole", watched)

    assert record(toy, outcomes) == {}

    assert len(writes) == 1
    (other,) = waiting
    assert other.wait() == 0
    assert {each.name for each in outcomes} <= toy.entries().keys()
