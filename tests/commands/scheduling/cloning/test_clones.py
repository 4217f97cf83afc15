"""Workers that share only git and DVC's remote run each instance once, whatever befalls them."""

import multiprocessing
import pickle
import shutil
import threading
import time

import psutil
import pytest
from given.shared_toy import MACHINE
from given.waiting import PATIENCE, until

from resnet_depth.commands.scheduling.cloning import clones, remote
from resnet_depth.commands.scheduling.logs import log_of
from resnet_depth.commands.scheduling.tasks import TaskFailed

TRAIN = "train@toy-plain-18-0"
OUT = "models/toy/plain/resnet18-seed0"


def begin(toy, run, name=TRAIN):
    """Start a task in a thread; return it and what will hold its outcome or error."""
    told = []

    def work():
        try:
            told.append(run(toy.task(name)))
        except TaskFailed as failure:
            told.append(failure)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    return thread, told


def hold(toy, name=TRAIN):
    """Let an instance stay at work in the first clone; return what lets it go on."""
    path = toy.first_clone() / "hold" / name
    path.parent.mkdir()
    path.touch()
    return path.unlink


def test_a_runner_can_be_sent_to_a_worker(toy):
    runner = toy.runner()

    assert pickle.loads(pickle.dumps(runner)) == runner


def test_a_run_hands_back_its_entry_and_sends_its_outputs(toy):
    outcome = toy.runner()(toy.task(TRAIN))

    assert (outcome.name, outcome.machine) == (TRAIN, MACHINE)
    assert [out["path"] for out in outcome.entry["outs"]] == [OUT]
    assert remote.lacking(toy.folder, [outcome.entry], patience=0) == []
    # The coordinator's part is to record it.
    assert TRAIN not in toy.entries()


def test_a_remote_that_is_gone_for_a_moment_costs_no_run(toy, monkeypatch):
    monkeypatch.setattr(remote, "PAUSE", 0.05)
    tries = []
    push = remote._push

    def counted(*arguments):
        tries.append(arguments)
        push(*arguments)

    monkeypatch.setattr(remote, "_push", counted)
    let_go = hold(toy)
    thread, told = begin(toy, toy.runner())
    until(lambda: toy.begun_in_clones() == [TRAIN])
    bring_back = toy.lose_remote()
    let_go()
    until(lambda: len(tries) > 1)
    bring_back()
    thread.join()

    (outcome,) = told
    assert remote.lacking(toy.folder, [outcome.entry], patience=0) == []
    assert toy.begun_in_clones() == [TRAIN]


def test_what_could_not_be_sent_is_not_run_again(toy):
    let_go = hold(toy)
    thread, told = begin(toy, toy.runner(patience=0))
    until(lambda: toy.begun_in_clones() == [TRAIN])
    bring_back = toy.lose_remote()
    let_go()
    thread.join()
    bring_back()

    (failure,) = told
    assert str(failure).startswith(f"{TRAIN} failed: DVC's remote failed for 0 s: ")
    outcome = toy.runner()(toy.task(TRAIN))
    assert remote.lacking(toy.folder, [outcome.entry], patience=0) == []
    assert toy.begun_in_clones() == [TRAIN]


def work_in_process(runner, task):
    runner(task)


def test_the_clone_of_a_killed_worker_is_taken_over(toy):
    let_go = hold(toy)
    context = multiprocessing.get_context("spawn")
    worker = context.Process(target=work_in_process, args=(toy.runner(), toy.task(TRAIN)))
    worker.start()
    until(lambda: toy.begun_in_clones() == [TRAIN])
    dvc, *stage = psutil.Process(worker.pid).children(recursive=True)
    worker.kill()
    worker.join()
    # The DVC that it started doesn't go on without it. A real stage would end with that.
    dvc.wait(PATIENCE)
    for process in stage:
        if process.is_running():
            process.kill()
    let_go()

    outcome = toy.runner()(toy.task(TRAIN))

    assert [out["path"] for out in outcome.entry["outs"]] == [OUT]
    assert toy.begun_in_clones() == [TRAIN, TRAIN]
    assert len(list(toy.clones.glob("*.lock"))) == 1


def test_a_stage_that_fails_is_told_with_its_last_line_and_the_place_of_its_log(toy):
    fail = toy.first_clone() / "fail" / TRAIN
    fail.parent.mkdir()
    fail.touch()

    with pytest.raises(TaskFailed, match="no good") as told:
        toy.runner()(toy.task(TRAIN))

    host, _, log = told.value.log.partition(":")
    assert (host != "", log.endswith(f".logs/{TRAIN}.log")) == (True, True)


def test_a_machine_of_another_class_runs_nothing_and_says_why(toy):
    other = MACHINE.replace("3.11", "3.12")

    with pytest.raises(TaskFailed, match=r"of another class, python: 3\.11 \(here 3\.12\)"):
        toy.runner(machine=other)(toy.task(TRAIN))

    assert toy.begun_in_clones() == []


def test_a_run_that_nobody_wants_any_more_is_stopped(toy):
    let_go = hold(toy)

    with pytest.raises(TaskFailed, match="stopped"):
        toy.runner(stopped=lambda: toy.begun_in_clones() == [TRAIN])(toy.task(TRAIN))

    let_go()


def test_while_a_run_lasts_its_rate_is_told_once_each_time_it_changes(toy):
    heard, let_go, log = [], hold(toy), log_of(toy.first_clone(), TRAIN)
    thread, _ = begin(toy, toy.runner(tell=lambda *said: heard.append(said)))
    until(lambda: toy.begun_in_clones() == [TRAIN])

    for rate in ("1,366/s", "1,401/s"):
        with log.open("a", encoding="utf-8") as file:
            file.write(f"toy: 40% of 900 images, {rate}, 3 s left, epoch 2/5, loss 1.0\n")
        until(lambda rate=rate: heard and rate in heard[-1][1])
    time.sleep(3 * clones.POLL_SECONDS)
    let_go()
    thread.join()

    assert heard == [(TRAIN, "epoch 2/5, 1,366/s"), (TRAIN, "epoch 2/5, 1,401/s")]


def test_a_clone_keeps_no_more_than_its_last_run_and_what_it_reads(toy):
    run = toy.runner()
    run(toy.task(TRAIN))
    clone = toy.first_clone()
    (network,) = (clone / OUT).iterdir()
    text = network.read_text()

    run(toy.task("settings"))

    assert not (clone / OUT).exists()
    cached = (path for path in (clone / ".dvc" / "cache" / "files").rglob("*") if path.is_file())
    assert text not in [path.read_text() for path in cached]


def test_an_input_that_was_cut_off_on_the_remote_is_not_used(toy):
    entry = toy.entries()["prepare@toy"]["outs"][0]
    stored = toy.remote / "files" / "md5" / entry["md5"][:2] / entry["md5"][2:]
    stored.chmod(0o644)
    stored.write_bytes(stored.read_bytes()[:-1])

    with pytest.raises(TaskFailed, match=r"prepared/toy\.txt: not there, or not with its hash"):
        toy.runner(patience=0)(toy.task(TRAIN))

    assert toy.begun_in_clones() == []


def test_checkpoints_can_lie_on_a_folder_that_all_workers_see(toy, tmp_path):
    shared = tmp_path / "shared checkpoints"

    toy.runner(checkpoints=shared)(toy.task(TRAIN))

    (clone,) = toy.clones.glob("*-0")
    (clone / ".checkpoints" / "kept").write_text("state")
    assert (shared / "kept").read_text() == "state"


def test_a_full_disk_of_one_worker_is_told_in_its_words(toy, monkeypatch):
    def full(*_, **__):
        raise OSError(28, "No space left on device", "dvc.lock")

    toy.first_clone()
    monkeypatch.setattr(shutil, "copyfile", full)

    with pytest.raises(TaskFailed, match="No space left on device"):
        toy.runner()(toy.task(TRAIN))
