"""Several instances at once under real DVC: what `make study JOBS=` does, disturbed and not."""

import os
import signal
import subprocess
import sys

import pytest
from given.tiny_study import make_study
from given.toy_study import PROGRAM, Toy
from given.waiting import PATIENCE, until

from resnet_depth.commands.reproducing.lock import deterministic_outputs, stages_of

pytestmark = pytest.mark.study

TRAININGS = [f"train@toy-plain-{depth}-{seed}" for depth in (18, 34) for seed in (0, 1)]
HELD = TRAININGS[1]
BELOW = ["evaluate@toy-plain-18-1", "report@toy", "summarize@toy"]


@pytest.fixture(scope="module")
def fresh(tmp_path_factory):
    """A toy study that was never run."""
    return Toy(tmp_path_factory.mktemp("fresh") / "toy").make()


@pytest.fixture(scope="module")
def serial(fresh, tmp_path_factory):
    """The same, which `dvc repro` has run, an instance after the other."""
    toy = fresh.copy(tmp_path_factory.mktemp("serial") / "toy")
    toy.dvc("repro", "report@toy")
    return toy


@pytest.fixture
def toy(fresh, tmp_path):
    return fresh.copy(tmp_path / "toy")


def end(process):
    """Wait for a process; return its status and what it said."""
    said, _ = process.communicate(timeout=300)
    return process.returncode, said


def overlapping(toy):
    """The instances that each instance was at work beside."""
    at_work, beside = set(), {}
    for what, name in toy.ran():
        (at_work.add if what == "begin" else at_work.discard)(name)
        for each in at_work:
            beside[each] = beside.get(each, set()) | at_work - {each}
    return beside


def assert_as(serial, toy):
    """Nothing ran twice, dvc.lock has what the serial run's has, and DVC has nothing to do."""
    assert toy.ended() == serial.ended()
    assert toy.sorted_lock() == serial.sorted_lock()
    assert toy.dvc("status", "--with-deps", "report@toy").startswith("Data and pipelines are up to")


def test_several_at_once_give_the_lock_of_the_serial_run_and_then_nothing_is_left(serial, toy):
    # All four begin before any of them ends.
    for name in TRAININGS:
        toy.mark("hold", name)
    process = toy.start()
    toy.wait_for(*TRAININGS)
    for name in TRAININGS:
        toy.mark("hold", name, there=False)
    status, said = end(process)

    assert status == 0, said
    assert said.startswith("plan: 14 of 14 instances to run, 4 at once\n")
    assert "[14/14] report@toy done in " in said
    assert_as(serial, toy)
    beside = overlapping(toy)
    assert set(TRAININGS) - {HELD} <= beside[HELD]
    assert not any(beside[f"latency@toy-plain-{depth}"] for depth in (18, 34))

    assert toy.coordinate().stdout == "plan: 0 of 14 instances to run, 4 at once\n"
    assert toy.ended() == serial.ended()


def test_a_coordinator_that_is_killed_outright_is_gone_on_from(serial, toy):
    toy.mark("hold", HELD)
    process = toy.start()
    toy.wait_for("evaluate@toy-plain-34-1", HELD)
    process.kill()
    end(process)
    recorded = set(toy.entries())
    assert {"settings", "prepare@toy"} <= recorded
    assert HELD not in recorded

    toy.mark("hold", HELD, there=False)
    again = toy.coordinate()

    left = 14 - len(recorded)
    # What was at work may have been recorded meanwhile.
    assert int(again.stdout.split()[1]) <= left
    once = [name for name in toy.ended() if name in recorded]
    assert sorted(once) == sorted(recorded)
    assert toy.sorted_lock() == serial.sorted_lock()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_asked_to_stop_it_stops_what_runs_and_the_same_command_goes_on(serial, toy, number):
    toy.mark("hold", HELD)
    process = toy.start()
    toy.wait_for(HELD)
    # Of Ctrl-C the whole group hears.
    (os.killpg if number == signal.SIGINT else os.kill)(process.pid, number)
    status, said = end(process)

    assert status == 130
    last = said.splitlines()[-1]
    assert last.startswith("stopped, ")
    assert last.endswith("instances done; nothing is lost: the same command goes on from here")
    assert "Traceback" not in said
    assert HELD not in toy.entries()

    toy.mark("hold", HELD, there=False)
    toy.coordinate()

    assert toy.sorted_lock() == serial.sorted_lock()


def test_of_a_failure_the_last_line_is_told_and_how_to_repeat_it(toy):
    toy.mark("fail", HELD)

    done = toy.coordinate("--keep-going", check=False)

    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == (
        f"{HELD} failed: no good; 3 instances skipped; its log: .logs/{HELD}.log; "
        f"alone: dvc repro --single-item {HELD}"
    )
    assert "Traceback" not in done.stderr
    # The others did run.
    assert len(toy.entries()) == 10
    assert not {HELD, *BELOW} & set(toy.entries())

    toy.mark("fail", HELD, there=False)
    toy.dvc("repro", "--single-item", HELD)
    assert toy.coordinate("--dry").stdout.splitlines() == [
        "plan: 3 of 14 instances to run, 4 at once",
        "  evaluate@toy-plain-18-1",
        "  summarize@toy",
        "  report@toy",
    ]


def test_a_plan_says_what_runs_only_if_its_inputs_change(serial, tmp_path):
    toy = serial.copy(tmp_path / "toy")
    toy.edit_params(lambda params: params["recipes"].update(other={"lr": 2}))

    # Only settings are read whole, and they come out the same.
    lines = toy.coordinate("--dry").stdout.splitlines()
    assert lines[:3] == [
        "plan: 14 of 14 instances to run, 4 at once",
        "  settings",
        "  prepare@toy, if what it reads changes",
    ]
    toy.forget_runs()
    toy.coordinate()
    assert toy.ended() == ["settings"]


@pytest.mark.slow
def test_a_study_of_43_instances_gives_the_lock_of_the_serial_run_each_time(tmp_path):
    serial = Toy(tmp_path / "serial").make(depths=(18, 34, 50), seeds=range(6))
    serial.dvc("repro", "report@toy")
    assert len(serial.entries()) == 43

    for loop in range(5):
        toy = Toy(tmp_path / f"loop{loop}").make(depths=(18, 34, 50), seeds=range(6))
        toy.coordinate()
        assert_as(serial, toy)


@pytest.mark.slow
def test_kills_of_the_coordinator_in_its_midst_leave_nothing_to_do_twice(serial, fresh, tmp_path):
    for loop, name in enumerate(
        ("settings", "prepare@toy", *TRAININGS[:2], "latency@toy-plain-34")
    ):
        toy = fresh.copy(tmp_path / f"loop{loop}")
        toy.mark("hold", name)
        process = toy.start()
        toy.wait_for(name)
        process.kill()
        end(process)
        recorded = set(toy.entries()) if (toy.folder / "dvc.lock").exists() else set()
        toy.mark("hold", name, there=False)
        toy.coordinate()
        assert sorted(each for each in toy.ended() if each in recorded) == sorted(recorded)
        assert toy.sorted_lock() == serial.sorted_lock()


@pytest.mark.slow
def test_a_real_study_two_at_once_has_the_outputs_of_the_serial_run(finished, tmp_path):
    study = make_study(tmp_path)

    program = (sys.executable, "-c", PROGRAM, "--jobs", "2", "--target", "report@tiny")
    study.run(*program, warm=False, PYTHONPATH="src")

    expected, found = (
        deterministic_outputs(stages_of(each.folder / "dvc.lock", "tiny"))
        for each in (finished, study)
    )
    assert found == expected
    assert len(found) > 20
    assert "Data and pipelines are up to date" in study.dvc("status", "--with-deps", "report@tiny")


@pytest.mark.slow
def test_ctrl_c_leaves_each_training_its_checkpoint_and_the_same_command_goes_on(
    finished, tmp_path
):
    study = finished.copy(tmp_path)
    # So long that nothing ends before it is stopped.
    study.edit_params(lambda params: params["recipes"]["reference"].update(epochs=400))
    runs = [f"resnet{depth}-seed0" for depth in (18, 34)]
    states = [study.folder / ".checkpoints/tiny/reference" / run / "state.json" for run in runs]
    logs = [study.folder / ".logs" / f"train@tiny-reference-{depth}-0.log" for depth in (18, 34)]

    def stop_when(ready):
        with subprocess.Popen(
            [sys.executable, "-c", PROGRAM, "--jobs", "2", "--target", "summarize@tiny"],
            cwd=study.folder,
            env=study.environment() | {"PYTHONPATH": "src"},
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        ) as process:
            # Two trainings take turns on the threads of one.
            until(ready, patience=10 * PATIENCE)
            os.killpg(process.pid, signal.SIGINT)
            assert "nothing is lost: the same command goes on from here" in process.stderr.read()
        assert process.returncode == 130

    def all_say(words):
        return all(log.exists() and words in log.read_text() for log in logs)

    stop_when(lambda: all(state.exists() for state in states))
    assert all_say(": stopped in epoch ")
    stop_when(lambda: all_say(": goes on in epoch "))
    assert all_say(": stopped in epoch ")
