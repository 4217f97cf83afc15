"""DVC as `make` calls it: killed while it writes dvc.lock, it leaves the one that was there."""

import os
import subprocess
import sys

import psutil
import pytest
from given.chain import OURS, ROOT, Chain, stages_run

# A process that is to end with its parent; it says its number.
ENDING = """
import os, time
from resnet_depth.commands.reproducing.dvc_command import end_with
end_with(os.getppid())
print(os.getpid(), flush=True)
time.sleep(600)
"""


@pytest.fixture
def chain(tmp_path):
    return Chain(tmp_path / "a chain", 2)


def test_a_kill_in_a_write_of_the_lock_leaves_what_was_recorded(chain):
    chain.die(2, 0.5, *OURS, "repro")
    assert chain.recorded() == ["s0"]

    done = chain.ours("repro", "--no-run-cache")

    assert stages_run(done) == ["s1"]
    assert done.stderr == ""
    assert chain.recorded() == ["s0", "s1"]
    assert not list(chain.folder.glob("*.tmp"))


def test_a_lock_that_dvc_alone_left_cut_off_is_restored_and_nothing_runs_again(chain):
    chain.die(2, 0.5, "dvc", "repro")
    assert chain.lock.stat().st_size > 0

    done = chain.ours("repro")

    # No copy was made, and no commit has one.
    assert done.stderr == "dvc.lock was cut off, and git has none; DVC's cache has what was made\n"
    assert stages_run(done) == []
    assert chain.recorded() == ["s0", "s1"]


def test_dvc_ends_with_the_make_that_started_it_though_that_is_killed_outright():
    program = "import subprocess, sys; subprocess.run([sys.executable, '-c', sys.argv[1]])"
    with subprocess.Popen(
        [sys.executable, "-c", program, ENDING],
        env=os.environ | {"PYTHONPATH": str(ROOT / "src")},
        stdout=subprocess.PIPE,
    ) as parent:
        process = psutil.Process(int(parent.stdout.readline()))
        parent.kill()

    process.wait(60)

    assert not process.is_running()


def test_dvc_ends_with_its_own_status(chain):
    assert chain.ours("repro", "no such stage", check=False).returncode == 255
