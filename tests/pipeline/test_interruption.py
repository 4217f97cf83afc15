"""A training under real DVC that is killed, at any place, and started again at once."""

import os
import shutil
import signal
import subprocess
import sys
import time

import psutil
import pytest
from given.random_kills import (
    folder_bytes,
    forget,
    kill_at_random,
    lengthen,
    run_undisturbed,
    start,
)
from given.toy_study import PROGRAM
from given.waiting import until

RUN = "train@tiny-reference-18-0"
NETWORK = "models/tiny/reference/resnet18-seed0"


@pytest.fixture(scope="module")
def whole(one_depth, tmp_path_factory):
    """A study whose one training lasts some seconds, and its run that nobody disturbed."""
    study = one_depth.copy(tmp_path_factory.mktemp("undisturbed"))
    lengthen(study, epochs=20)
    return study, run_undisturbed(study)


@pytest.fixture
def undisturbed(whole):
    return whole[1]


@pytest.fixture
def study(whole, tmp_path):
    copy = whole[0].copy(tmp_path)
    forget(copy)
    return copy


def test_a_killed_training_goes_on_and_ends_with_the_same_bytes(study, undisturbed):
    trained, expected = study.folder / NETWORK, undisturbed.results[NETWORK]
    state = study.folder / ".checkpoints" / "tiny" / "reference" / "resnet18-seed0" / "state.json"

    # Killed: DVC alone, whose stage must end by itself; then all of them.
    with start(study, RUN) as first:
        until(state.exists)
        first.kill()
        first.wait()  # Else DVC takes it for alive.
        with start(study, RUN) as second:
            lines = []
            for line in second.stdout:
                lines.append(line)
                if "goes on in epoch" in line:
                    break
            assert lines[-1].startswith("tiny reference/resnet18-seed0: goes on in epoch"), "".join(
                lines
            )
            os.killpg(second.pid, signal.SIGKILL)
    assert not trained.exists()

    said = study.dvc("repro", "--no-run-cache", RUN)
    assert "goes on in epoch" in said
    assert folder_bytes(trained) == expected

    # As if DVC had been killed before it wrote dvc.lock: nothing is trained again.
    study.git("checkout", "--quiet", "dvc.lock")
    shutil.rmtree(trained)
    said = study.dvc("repro", "--no-run-cache", RUN)
    assert "goes on in epoch 20/20" in said
    assert "images, " not in said
    assert folder_bytes(trained) == expected


def test_the_coordinator_waits_for_an_orphaned_training_that_holds_its_lock(study, undisturbed):
    state = study.folder / ".checkpoints" / "tiny" / "reference" / "resnet18-seed0" / "state.json"
    with start(study, RUN) as first:
        until(state.exists)
        family = psutil.Process(first.pid).children(recursive=True)
        orphan = next(each for each in family if "stages/train.py" in each.cmdline())
        # Else it would notice that its DVC is gone.
        orphan.suspend()
        first.kill()

    # The coordinator's DVC would find the network there.
    shutil.rmtree(study.folder / ".dvc" / "cache" / "runs")
    log = study.folder / ".logs" / f"{RUN}.log"
    command = [sys.executable, "-c", PROGRAM, "--jobs", "1", "--target", RUN]
    environment = study.environment() | {"PYTHONPATH": "src"}
    with subprocess.Popen(command, cwd=study.folder, env=environment) as coordinator:
        try:
            until(log.exists)
            waiting = "waiting for another process that is at work on it"
            until(lambda: waiting in log.read_text(), log.read_text)
        finally:
            orphan.kill()

    assert coordinator.returncode == 0
    assert "goes on in epoch" in log.read_text()
    assert folder_bytes(study.folder / NETWORK) == undisturbed.results[NETWORK]


@pytest.mark.parametrize("edited", ["settings", "code"])
def test_an_edit_while_it_trains_is_not_recorded_for_the_network_of_before(
    study, undisturbed, edited
):
    state = study.folder / ".checkpoints" / "tiny" / "reference" / "resnet18-seed0" / "state.json"
    path = (
        study.folder
        / {
            "settings": "params.yaml",
            "code": "src/resnet_depth/training/loss.py",
        }[edited]
    )
    before, recorded = path.read_text(), study.lock()[RUN]
    with start(study, RUN) as process:
        until(state.exists)
        if edited == "settings":
            study.edit_params(lambda params: params["train"].update(threads=2))
        else:
            path.write_text(f"{before}# Edited.\n")
        said = process.stdout.read()

    assert process.returncode != 0
    assert f"was changed while {RUN} ran" in said
    assert "Traceback" not in said
    assert not (study.folder / NETWORK).exists()
    assert study.lock()[RUN] == recorded

    # The checkpoint of what was trained stays.
    path.write_text(before)
    said = study.dvc("repro", "--no-run-cache", RUN)
    assert "goes on in epoch 20/20" in said
    assert folder_bytes(study.folder / NETWORK) == undisturbed.results[NETWORK]


def test_ctrl_c_stops_within_seconds_and_says_how_to_go_on(study):
    state = study.folder / ".checkpoints" / "tiny" / "reference" / "resnet18-seed0" / "state.json"
    with start(study, RUN) as process:
        until(state.exists)
        pressed = time.monotonic()
        os.killpg(process.pid, signal.SIGINT)
        said = process.stdout.read()
        seconds = time.monotonic() - pressed

    assert process.returncode != 0
    assert "nothing is lost: the same command goes on from here" in said
    assert "Traceback" not in said
    # The stage itself takes less than two; DVC needs some time to say so.
    assert seconds < 5


def test_tidying_removes_the_checkpoint_of_a_training_that_the_lock_has(whole, tmp_path):
    study = whole[0].copy(tmp_path)
    folder = study.folder / ".checkpoints" / "tiny" / "reference" / "resnet18-seed0"
    assert (folder / "state.json").is_file()

    study.tidy()

    assert not folder.exists()


def test_kills_at_random_moments_change_no_byte(study, undisturbed):
    # A short version of tests/given/random_kills.py.
    said = []

    different = kill_at_random(study, undisturbed, kills=2, seed=1, say=said.append)

    assert different == 0, said
