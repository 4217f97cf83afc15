"""Provenance: what a measurement was taken on, and whether the machine was shared."""

import os
import subprocess
import sys
import time
from pathlib import Path

from resnet_depth.files import write_json
from resnet_depth.provenance import Stopwatch, environment, machine_class

ENVIRONMENT = os.environ | {"PYTHONPATH": str(Path(__file__).parents[1] / "src")}


def busy(seconds):
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        pass


def test_the_environment_is_json(tmp_path):
    write_json(tmp_path / "environment.json", environment())


def test_the_machine_class_is_the_same_in_another_process():
    code = "from resnet_depth.provenance import machine_class; print(machine_class())"
    done = subprocess.run(
        [sys.executable, "-c", code], env=ENVIRONMENT, capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == str(machine_class())


def test_no_torch_is_imported_for_it():
    code = """
import sys
from resnet_depth.provenance import environment
environment()
sys.exit('torch' in sys.modules)
"""

    subprocess.run([sys.executable, "-c", code], env=ENVIRONMENT, check=True)


def test_own_work_is_no_other_load():
    watch = Stopwatch()
    busy(0.5)

    assert watch.seconds >= 0.5
    assert watch.other_load() < 0.6  # other tests may run beside this one


def test_anothers_work_is_other_load():
    other = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    try:
        time.sleep(0.3)
        watch = Stopwatch()
        time.sleep(0.7)
        assert watch.other_load() > 0.5 / (environment()["cores"] or 1)
    finally:
        other.kill()
        other.wait()
