"""Provenance: what a measurement was taken on, and whether the machine was shared."""

import os
import subprocess
import sys
from pathlib import Path

from given.git import git

from resnet_depth.machine.environment import Environment, environment, machine_class
from resnet_depth.runs.records import read_record, write_record

ENVIRONMENT = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2] / "src")}


def test_the_environment_is_written_and_read_as_one_record(tmp_path):
    found = environment()
    write_record(tmp_path / "environment.json", found)

    assert (
        read_record(tmp_path / "environment.json", Environment, "latency@digits-reference-18")
        == found
    )


def test_the_machine_class_is_the_same_in_another_process():
    code = "from resnet_depth.machine.environment import machine_class; print(machine_class())"
    done = subprocess.run(
        [sys.executable, "-c", code], env=ENVIRONMENT, capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == str(machine_class())


def test_no_torch_is_imported_for_it():
    code = """
import sys
from resnet_depth.machine.environment import environment
environment()
sys.exit('torch' in sys.modules)
"""

    subprocess.run([sys.executable, "-c", code], env=ENVIRONMENT, check=True)


def test_a_commit_counts_changes_of_code_and_settings_but_not_of_results(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert environment().commit is None
    for name in ("params.yaml", "dvc.lock", "metrics/a/summary.json", "plots/a/curves.csv"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("one")
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-q", "-m", "one")
    head = git(tmp_path, "rev-parse", "HEAD")
    assert environment().commit == head

    for name in ("dvc.lock", "metrics/a/summary.json", "plots/a/curves.csv"):
        (tmp_path / name).write_text("two")
    assert environment().commit == head

    (tmp_path / "params.yaml").write_text("two")
    assert environment().commit == f"{head}+changes"
