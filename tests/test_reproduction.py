"""The reproducibility check can fail: on another seed, a changed byte and a missing run."""

import shutil

import pandas as pd
import pytest
from tiny_study import edit_yaml, make_study

from resnet_depth.errors import UserError
from resnet_depth.files import read_json, write_json
from resnet_depth.reproduction import (
    Clone,
    compare_hashes,
    compare_metrics,
    deterministic_outputs,
    reproduce,
)

LOCK = """
schema: '2.0'
stages:
  settings:
    outs: [{path: data/settings.ok, md5: a}]
  train@digits-18-0:
    outs:
    - {path: models/digits/resnet18-seed0, md5: b.dir}
    - {path: data/durations/digits/resnet18-seed0.json, md5: c}
  train@cifar10-18-0:
    outs: [{path: models/cifar10/resnet18-seed0, md5: d.dir}]
  latency@digits-18:
    outs: [{path: data/latency/digits/resnet18.json, md5: e}]
  report@digits:
    outs: [{path: plots/digits/report.html, md5: f}]
"""


def table(**changes):
    rows = {
        "depth": [18, 18, 34],
        "seed": [0, 1, 0],
        "initial_loss": [2.5, 2.6, 2.7],
        "test_accuracy": [0.95, 0.93, 0.90],
    }
    return pd.DataFrame(rows | changes)


def test_outputs_of_clocks_and_of_other_datasets_are_left_out(tmp_path):
    (tmp_path / "dvc.lock").write_text(LOCK)

    assert deterministic_outputs(tmp_path / "dvc.lock", "digits") == {
        "data/settings.ok": "a",
        "models/digits/resnet18-seed0": "b.dir",
    }


def test_equal_hashes_are_equal():
    assert compare_hashes({"a": "1"}, {"a": "1"}).differences == []


@pytest.mark.parametrize(
    ("found", "line"),
    [
        ({"a": "1", "b": "3"}, "b: committed 2, here 3"),
        ({"a": "1"}, "b: committed 2, here nothing"),
        ({"a": "1", "b": "2", "c": "4"}, "c: committed nothing, here 4"),
    ],
)
def test_a_changed_missing_or_added_output_is_named(found, line):
    assert compare_hashes({"a": "1", "b": "2"}, found).differences == [line]


def test_rounding_passes_the_tolerance():
    near = table(initial_loss=[2.500001, 2.6, 2.7], test_accuracy=[0.97, 0.95, 0.85])

    assert compare_metrics(table(), near).differences == []


def test_another_start_fails_the_tolerance():
    differences = compare_metrics(table(), table(initial_loss=[2.5, 2.61, 2.7])).differences

    assert differences == ["ResNet-18, seed 1: initial loss 2.6 committed, 2.61 here"]


def test_a_mean_accuracy_far_off_fails_the_tolerance():
    # Means over seeds: 0.94 committed against 0.82.
    differences = compare_metrics(table(), table(test_accuracy=[0.83, 0.81, 0.9])).differences

    assert len(differences) == 1
    assert differences[0].startswith("ResNet-18: mean test accuracy 0.94 committed, 0.82")


def test_a_missing_run_fails_the_comparison():
    differences = compare_metrics(table(), table().iloc[:2]).differences

    assert "ResNet-34, seed 0: only on one side" in differences


def test_a_folder_without_git_is_one_clear_line(tmp_path):
    with pytest.raises(UserError, match="can't be cloned"):
        Clone(tmp_path / "nothing", tmp_path / "clone")


@pytest.fixture(scope="module")
def committed(tmp_path_factory):
    """A study of one network, run and committed, whose images travel with the repository."""
    study = make_study(tmp_path_factory.mktemp("committed"))
    study.edit_params(lambda params: params["study"].update(depths=[18], seeds=[0]))
    study.dvc("repro", "report@tiny")
    study.commit("Run")
    return study


def outcome(study, folder, monkeypatch):
    monkeypatch.setenv("TINY_SOURCE", str(study.images))
    lines = []
    equal = reproduce(study.folder, folder / "clone", "tiny", lines.append)
    return equal, "\n".join(lines)


def copy(study, folder):
    shutil.copytree(study.folder, folder / "study", symlinks=True)
    return type(study)(folder / "study", study.images)


def test_a_study_reproduces_on_its_own_machine_and_another_seed_does_not_elsewhere(
    committed, tmp_path, monkeypatch
):
    equal, said = outcome(committed, tmp_path, monkeypatch)

    assert equal, said
    assert "bytes must be equal" in said

    # The same results, as if another seed had given them, on a machine of another class.
    other = copy(committed, tmp_path)
    here = pd.read_csv(tmp_path / "clone" / "plots" / "tiny" / "accuracy.csv")
    other.edit_params(lambda params: params["study"].update(seeds=[1]))
    other.dvc("repro", "report@tiny")
    there = pd.read_csv(other.folder / "plots" / "tiny" / "accuracy.csv")

    comparison = compare_metrics(here, there.assign(seed=0))

    assert [line for line in comparison.differences if "initial loss" in line]


def test_a_changed_byte_in_the_committed_hashes_is_found(committed, tmp_path, monkeypatch):
    study = copy(committed, tmp_path)
    path = "data/prepared/tiny"

    def change(lock):
        out = lock["stages"]["prepare@tiny"]["outs"][0]
        assert out["path"] == path
        out["md5"] = "0" * 32 + ".dir"

    edit_yaml(study.folder / "dvc.lock", change)
    study.commit("A hash that nothing has")

    equal, said = outcome(study, tmp_path, monkeypatch)

    assert not equal, said


def test_another_machine_class_is_compared_by_metrics(committed, tmp_path, monkeypatch):
    study = copy(committed, tmp_path)
    costs = study.folder / "metrics" / "tiny" / "costs.json"
    content = read_json(costs)
    content["machine_classes"][0]["processor"] = "another"
    write_json(costs, content)
    study.commit("Results of another machine")

    equal, said = outcome(study, tmp_path, monkeypatch)

    assert "another class" in said
    assert "metrics: initial loss" in said
    assert equal, said


def test_uncommitted_results_are_noticed_before_anything_runs(committed, tmp_path, monkeypatch):
    study = copy(committed, tmp_path)
    study.edit_params(lambda params: params["train"].update(batch_size=5))
    study.commit("Another setting, but no run of it")

    equal, said = outcome(study, tmp_path, monkeypatch)

    assert not equal
    assert "commit dvc.lock" in said
    assert "2. " not in said
