"""Provenance: what a measurement was taken on, and whether the machine was shared."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from given.git import git

from resnet_depth.machine.environment import (
    CHOOSING_VARIABLES,
    environment,
    machine_class,
)
from resnet_depth.machine.records import Environment, MachineClass
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


@pytest.mark.parametrize(
    ("variable", "value", "kernels"),
    [("ATEN_CPU_CAPABILITY", "default", "DEFAULT"), ("ONEDNN_MAX_CPU_ISA", "SSE41", None)],
)
def test_a_variable_that_chooses_other_kernels_makes_another_class(variable, value, kernels):
    code = "from resnet_depth.machine.environment import machine_class as m; "
    code += "print(m().model_dump_json())"
    given = {name: text for name, text in ENVIRONMENT.items() if name not in CHOOSING_VARIABLES}
    classes = [
        MachineClass.model_validate_json(
            subprocess.check_output([sys.executable, "-c", code], env=environment, text=True)
        )
        for environment in (given, given | {variable: value})
    ]

    assert not classes[1].is_like(classes[0])
    assert classes[1].variables == classes[0].variables | {variable: value}
    assert classes[1].kernels == (kernels or classes[0].kernels)


def test_a_class_from_before_kernels_and_variables_were_told_is_like_one_that_has_any():
    here = machine_class().model_copy(update={"variables": {"MKL_CBWR": "AVX2"}})
    earlier = here.model_copy(update={"kernels": None, "variables": {}})

    assert here.is_like(earlier)
    assert earlier.is_like(here)
    assert not earlier.is_like(here.model_copy(update={"processor": "another"}))
    assert not here.is_like(here.model_copy(update={"kernels": "another"}))


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
