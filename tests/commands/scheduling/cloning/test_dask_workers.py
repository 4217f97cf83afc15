"""Dask's workers run tasks and give up cancelled ones; nothing goes unencrypted to others."""

import os
import sys
import threading
import time
from concurrent.futures import wait

import psutil
import pytest
from given.waiting import until

from resnet_depth.base.errors import UserError
from resnet_depth.commands.scheduling.cloning import dask_workers
from resnet_depth.commands.scheduling.cloning.clones import to_nobody
from resnet_depth.commands.scheduling.cloning.dask_workers import (
    is_far,
    local_workers,
    no_longer_wanted,
    require_safe,
    tell_progress,
    workers_of,
)
from resnet_depth.commands.scheduling.tasks import Task, TaskFailed

NOT_INSTALLED = "Dask distributed is an extra: pip install -r requirements-workers.lock"


@pytest.mark.parametrize(
    "address", ["tcp://127.0.0.1:8786", "tcp://localhost:1", "tcp://[::1]:8786", "tls://host:8786"]
)
def test_loopback_and_tls_are_allowed(address):
    require_safe(address)


@pytest.mark.parametrize("address", ["tcp://10.0.0.5:8786", "tcp://name:8786", "tcp://0.0.0.0:1"])
def test_another_address_without_tls_is_refused(address):
    with pytest.raises(UserError, match=r"could run code on all workers; allowed is tls://"):
        require_safe(address)


@pytest.mark.parametrize(
    "address", ["cluster", "8786", "ws://127.0.0.1:1", "tcp://127.0.0.1", "tcp://a:b"]
)
def test_what_is_no_address_is_refused(address):
    with pytest.raises(UserError, match=r"allowed: tcp://127\.0\.0\.1:PORT or tls://HOST:PORT"):
        require_safe(address)


def test_an_address_tells_whether_workers_clone_from_here_or_from_afar():
    assert not any(map(is_far, ("tcp://127.0.0.1:1", "tls://localhost:1", "")))
    assert is_far("tls://b:1")


def test_without_dask_one_line_says_how_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)

    with (
        pytest.raises(UserError, match="pip install -r requirements-workers"),
        local_workers(1, to_nobody),
    ):
        pass


def test_tls_without_certificates_is_refused():
    pytest.importorskip("distributed", reason=NOT_INSTALLED)

    missing = r"has no distributed\.comm\.tls\.ca-file"
    with pytest.raises(UserError, match=missing), workers_of("tls://127.0.0.1:9", to_nobody):
        pass


def test_a_scheduler_that_does_not_answer_is_told(monkeypatch):
    pytest.importorskip("distributed", reason=NOT_INSTALLED)
    monkeypatch.setattr(dask_workers, "PATIENCE", 0.2)

    said = "no scheduler of Dask answers"
    with pytest.raises(UserError, match=said), workers_of("tcp://127.0.0.1:9", to_nobody):
        pass


def process_of(task):
    return os.getpid()


def fail(task):
    raise TaskFailed(task.name, "no good", "its log")


def work_until_unwanted(folder):
    (folder / "began").touch()
    while not no_longer_wanted():
        time.sleep(0.05)
    (folder / "ended").touch()


@pytest.mark.slow
def test_a_local_cluster_runs_tasks_in_processes_and_stops_what_is_cancelled(tmp_path):
    pytest.importorskip("distributed", reason=NOT_INSTALLED)
    task = Task("train", {}, alone=False)

    with local_workers(2, to_nobody) as executor:
        # Equal tasks are two.
        first, second = executor.submit(process_of, task), executor.submit(process_of, task)
        assert os.getpid() not in {first.result(), second.result()}
        with pytest.raises(TaskFailed, match="no good") as told:
            executor.submit(fail, task).result()
        assert told.value.log == "its log"
        working = executor.submit(work_until_unwanted, tmp_path)
        until((tmp_path / "began").exists)
        executor.shutdown(wait=False)
        wait([working], 60)
        assert working.cancelled()
        until((tmp_path / "ended").exists)


def tell_twice(task):
    for progress in ("366/s", "epoch 1/5, 401/s"):
        tell_progress(task.name, progress)


@pytest.mark.slow
def test_what_a_task_tells_is_heard():
    pytest.importorskip("distributed", reason=NOT_INSTALLED)
    heard, all_there = [], threading.Event()

    def hear(name, progress):
        heard.append((name, progress))
        if len(heard) == 2:
            all_there.set()

    with local_workers(1, hear) as executor:
        executor.submit(tell_twice, Task("train", {}, alone=False)).result()
        assert all_there.wait(60)

    assert heard == [("train", "366/s"), ("train", "epoch 1/5, 401/s")]


@pytest.mark.slow
def test_a_task_of_a_killed_worker_runs_on_another(toy):
    pytest.importorskip("distributed", reason=NOT_INSTALLED)
    name = "train@toy-plain-18-0"
    clone = toy.first_clone()
    hold = clone / "hold" / name
    hold.parent.mkdir()
    hold.touch()

    with local_workers(2, to_nobody) as executor:
        running = executor.submit(toy.runner(stopped=no_longer_wanted), toy.task(name))
        until((clone / "runs.log").exists)
        # Others on this machine may run such a stage too.
        every = psutil.process_iter(["cmdline", "cwd"])
        here = [each for each in every if each.info["cwd"] == str(clone)]
        stage = next(each for each in here if "code/train.sh" in each.info["cmdline"])
        worker = next(each for each in stage.parents() if "multiprocessing" in str(each.cmdline()))
        worker.kill()
        stage.kill()
        hold.unlink()
        outcome = running.result()

    assert outcome.name == name
    assert toy.begun_in_clones() == [name, name]
