"""The coordinator's part: what is committed, what stays here, and how tasks are handed out."""

from concurrent.futures import Future, ThreadPoolExecutor

import pytest
from given.git import git
from given.shared_toy import MACHINE

from resnet_depth.base.errors import UserError
from resnet_depth.commands.scheduling.cloning.remote import lacking
from resnet_depth.commands.scheduling.cloning.sharing import (
    Divided,
    SharedHere,
    committed,
    source_of,
    stays_here,
)
from resnet_depth.commands.scheduling.tasks import Outcome, Task, TaskFailed

TRAIN = "train@toy-plain-18-0"


def test_what_is_committed_is_a_commit_whatever_results_and_notes_there_are(toy):
    (toy.folder / "metrics").mkdir()
    (toy.folder / "metrics" / "toy.txt").write_text("a result")
    (toy.folder / "notes.txt").write_text("no stage reads this")

    assert committed(toy.folder) == toy.head


def test_what_no_clone_would_have_is_refused_by_name(toy):
    toy.edit_params(lambda params: params["prepare"].update(seed=1))
    (toy.folder / "src").mkdir()
    (toy.folder / "src" / "new.py").write_text("new = True")

    with pytest.raises(UserError, match=r"^params\.yaml and 1 more: not committed"):
        committed(toy.folder)


def test_workers_on_other_machines_clone_what_git_calls_origin(toy):
    assert source_of(toy.folder, far=False) == str(toy.folder)
    with pytest.raises(UserError, match="git has no remote 'origin'"):
        source_of(toy.folder, far=True)

    git(toy.folder, "remote", "add", "origin", "https://example.org/study.git")
    assert source_of(toy.folder, far=True) == "https://example.org/study.git"


def test_what_reads_a_folder_of_outputs_or_leaves_some_in_git_stays_here(toy):
    names = ["prepare@toy", TRAIN, "evaluate@toy-plain-18-0", "summarize@toy", "report@toy"]

    assert stays_here(toy.folder, names) == {"summarize@toy", "report@toy"}


def test_what_dvc_yaml_keeps_here_stays_here(toy):
    text = (toy.folder / "dvc.yaml").read_text()
    (toy.folder / "dvc.yaml").write_text(
        text.replace("  prepare:\n", "  prepare:\n    meta: {here: true}\n")
    )

    assert stays_here(toy.folder, ["prepare@toy", TRAIN]) == {"prepare@toy"}


def outcome_of(task):
    return Outcome(task.name, {}, MACHINE)


def test_tasks_go_to_clones_but_for_those_that_stay_here():
    def here(task):
        return Outcome(task.name, {"ran": "here"}, MACHINE)

    with ThreadPoolExecutor(1) as clones:
        divided = Divided(clones, here, {"summarize"})
        alone = divided.submit(outcome_of, Task("latency", {}, alone=True)).result()
        kept = divided.submit(outcome_of, Task("summarize", {}, alone=False)).result()
        sent = divided.submit(outcome_of, Task("train", {}, alone=False)).result()
        divided.shutdown()

    assert [each.entry for each in (alone, kept, sent)] == [{"ran": "here"}, {"ran": "here"}, {}]


class Lost:
    """An executor whose scheduler is gone, or whose workers are."""

    def __init__(self, error=None):
        self.error = error

    def submit(self, *_):
        future = Future()
        if self.error:
            future.set_exception(self.error)
        else:
            future.cancel()
        return future


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (None, "it was given up: it was stopped, or the scheduler is gone"),
        (MemoryError("killed too often"), "MemoryError: killed too often"),
        (TaskFailed("train", "no good", "its log"), "no good"),
    ],
)
def test_whatever_goes_wrong_elsewhere_is_a_failed_task(error, line):
    divided = Divided(Lost(error), outcome_of, set())

    with pytest.raises(TaskFailed) as told:
        divided.submit(outcome_of, Task("train", {}, alone=False)).result()

    assert (told.value.name, told.value.last_line) == ("train", line)


def test_what_runs_here_finds_its_inputs_and_sends_its_outputs(toy):
    (toy.folder / "data" / "prepared" / "toy.txt").unlink()

    def here(task):
        toy.dvc("repro", "--single-item", task.name)
        return Outcome(task.name, toy.entries()[task.name], MACHINE)

    outcome = SharedHere(toy.folder, here, patience=0)(toy.task(TRAIN))

    assert lacking(toy.folder, [outcome.entry], patience=0) == []


def test_a_remote_that_fails_is_a_failed_task(toy):
    toy.lose_remote()

    with pytest.raises(TaskFailed, match="DVC's remote failed for 0 s"):
        SharedHere(toy.folder, outcome_of, patience=0)(Task(TRAIN, {}, alone=False))
