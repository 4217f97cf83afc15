"""A training under real DVC that is killed, at any place, and started again at once."""

import os
import shutil
import signal
import time

import pytest
from given.random_kills import folder_bytes, kill_at_random, lengthen, start
from given.tiny_study import Study

pytestmark = pytest.mark.xdist_group("study")

RUN = "train@tiny-18-0"


@pytest.fixture
def study(finished, tmp_path):
    """A study whose one training lasts some seconds, and a function that trains it elsewhere."""
    study = Study(tmp_path / "a copy", finished.images)
    shutil.copytree(finished.folder, study.folder, symlinks=True)

    lengthen(study, epochs=40)
    return study


def wait_for(path, seconds=60):
    end = time.monotonic() + seconds
    while not path.exists():
        assert time.monotonic() < end, path
        time.sleep(0.02)


def test_a_killed_training_goes_on_and_ends_with_the_same_bytes(study, tmp_path):
    study.run(
        *("python", "stages/train.py", "--params", "params.yaml", "--dataset", "tiny"),
        *("--depth", "18", "--seed", "0", "--data", "data/prepared/tiny"),
        *("--checkpoints", str(tmp_path / "other"), "--lock", "none"),
        *("--out", str(tmp_path / "whole"), "--durations", str(tmp_path / "whole.json")),
        PYTHONPATH="src",
    )
    trained = study.folder / "models" / "tiny" / "resnet18-seed0"
    state = study.folder / ".checkpoints" / "tiny" / "resnet18-seed0" / "state.json"

    # Killed: DVC alone, whose stage must end by itself; then all of them.
    with start(study, RUN) as first:
        wait_for(state)
        first.kill()
        first.wait()  # Else DVC takes it for alive.
        with start(study, RUN) as second:
            lines = []
            for line in second.stdout:
                lines.append(line)
                if "goes on in epoch" in line:
                    break
            assert lines[-1].startswith("tiny resnet18-seed0: goes on in epoch"), "".join(lines)
            os.killpg(second.pid, signal.SIGKILL)
    assert not trained.exists()

    said = study.dvc("repro", "--no-run-cache", RUN)
    assert "goes on in epoch" in said
    assert folder_bytes(trained) == folder_bytes(tmp_path / "whole")

    # As if DVC had been killed before it wrote dvc.lock: nothing is trained again.
    study.git("checkout", "--quiet", "dvc.lock")
    shutil.rmtree(trained)
    said = study.dvc("repro", "--no-run-cache", RUN)
    assert "goes on in epoch 40/40" in said
    assert "images, " not in said
    assert folder_bytes(trained) == folder_bytes(tmp_path / "whole")


def test_ctrl_c_stops_within_seconds_and_says_how_to_go_on(study):
    state = study.folder / ".checkpoints" / "tiny" / "resnet18-seed0" / "state.json"
    with start(study, RUN) as process:
        wait_for(state)
        pressed = time.monotonic()
        os.killpg(process.pid, signal.SIGINT)
        said = process.stdout.read()
        seconds = time.monotonic() - pressed

    assert process.returncode != 0
    assert "nothing is lost: the same command goes on from here" in said
    assert "Traceback" not in said
    # The stage itself takes less than two; DVC needs some time to say so.
    assert seconds < 5


def test_kills_at_random_moments_change_no_byte(study):
    # A short version of tests/random_kills.py.
    said = []

    different = kill_at_random(study, kills=2, seed=1, say=said.append)

    assert different == 0, said
