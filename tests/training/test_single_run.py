"""One process at a time for one run, which ends when told to or when its DVC is gone."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from resnet_depth.base.errors import UserError
from resnet_depth.training.single_run import interruption, sole_writer

ENVIRONMENT = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2] / "src")}
HOLD = """
import sys, time
from pathlib import Path
from resnet_depth.training.single_run import sole_writer
with sole_writer(Path(sys.argv[1]), 'the run'):
    print('held', flush=True)
    time.sleep(60)
"""
WATCH = """
import time
from resnet_depth.training.single_run import interruption
with interruption() as asked:
    print('watching', flush=True)
    end = time.monotonic() + 30
    while not asked.requested and time.monotonic() < end:
        time.sleep(0.02)
print('asked' if asked.requested else 'not asked', flush=True)
"""


def start(code, *arguments, **environment):
    return subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        env=ENVIRONMENT | environment,
        stdout=subprocess.PIPE,
        text=True,
    )


def test_a_second_writer_is_refused_and_let_in_once_the_first_is_killed(tmp_path, capsys):
    lock = tmp_path / "run.lock"
    with start(HOLD, str(lock)) as holder:
        assert holder.stdout.readline() == "held\n"
        refused = pytest.raises(UserError, match="another process is at work on it")
        with refused, sole_writer(lock, "the run", patience=0.3):
            pass
        holder.kill()

    with sole_writer(lock, "the run", patience=5):
        pass

    # It stays: removed, it could be held twice, as the old file and as a new one.
    assert lock.read_bytes() == b""
    assert capsys.readouterr().err == "the run: waiting for another process that is at work on it\n"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_asks_the_process_to_stop(number):
    with start(WATCH) as process:
        process.stdout.readline()
        process.send_signal(number)
        assert process.stdout.readline() == "asked\n"


def test_the_second_signal_ends_at_once():
    with interruption() as asked:
        os.kill(os.getpid(), signal.SIGINT)
        assert asked.requested
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)


def test_signals_are_handled_as_before_afterwards():
    before = signal.getsignal(signal.SIGINT)
    with interruption():
        assert signal.getsignal(signal.SIGINT) != before

    assert signal.getsignal(signal.SIGINT) == before


PARENT = f"""
import os, subprocess, sys
child = subprocess.Popen([sys.executable, '-c', {WATCH!r}])
print(child.pid, flush=True)
child.wait()
"""


def test_the_end_of_the_dvc_that_started_it_stops_a_process():
    with start(PARENT, DVC_STAGE="train@digits-reference-18-0") as parent:
        parent.stdout.readline()
        assert parent.stdout.readline() == "watching\n"
        killed = time.monotonic()
        parent.kill()
        # The child has inherited the pipe.
        assert parent.stdout.readline() == "asked\n"

    assert time.monotonic() - killed < 5
