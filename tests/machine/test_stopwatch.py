"""The stopwatch: whether others used the machine meanwhile."""

import subprocess
import sys
import time

from resnet_depth.machine.environment import environment
from resnet_depth.machine.stopwatch import Stopwatch


def busy(seconds):
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        pass


def test_own_work_is_no_other_load():
    watch, start = Stopwatch(), time.process_time()
    busy(0.5)

    own = time.process_time() - start
    capacity = watch.seconds * environment().cores
    assert watch.seconds >= 0.5
    # Others, such as tests beside this one, can have had what is left; clocks tick in 10 ms.
    assert watch.other_load() <= 1 - own / capacity + 0.1


def test_anothers_work_is_other_load():
    other = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    try:
        time.sleep(0.3)
        watch = Stopwatch()
        time.sleep(0.7)
        assert watch.other_load() > 0.5 / environment().cores
    finally:
        other.kill()
        other.wait()
