"""Two runs of a study: equal, close enough, or different in what is named."""

from dataclasses import replace

import pandas as pd
import pytest

from resnet_depth.commands.reproducing.compare import (
    ACCURACY_CEILING,
    ACCURACY_FLOOR,
    accuracy_tolerance,
    compare_hashes,
    compare_metrics,
    compare_results,
    read_results,
)
from resnet_depth.training.train import train


def table(**changes):
    rows = {
        "depth": [18, 18, 34],
        "seed": [0, 1, 0],
        "initial_loss": [2.5, 2.6, 2.7],
        "test_accuracy": [0.95, 0.93, 0.90],
    }
    return pd.DataFrame(rows | changes)


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


def test_runs_that_scatter_widen_the_tolerance_and_equal_ones_leave_the_floor():
    two_seeds = table(depth=[18, 18, 18], seed=[0, 1, 2], test_accuracy=[0.9, 0.9, 0.9])
    scattered = two_seeds.assign(test_accuracy=[0.8, 0.9, 1.0])

    assert accuracy_tolerance(two_seeds, two_seeds) == ACCURACY_FLOOR
    # Pooled variance 0.005 (4 degrees of freedom); its standard error √(2 · 0.005 / 3).
    wide = 4.3 * (2 * 0.005 / 3) ** 0.5
    assert accuracy_tolerance(two_seeds, scattered) == pytest.approx(wide)
    assert accuracy_tolerance(two_seeds.iloc[:1], two_seeds.iloc[:1]) == ACCURACY_CEILING


def test_networks_that_learnt_nothing_fail_however_much_the_runs_scatter():
    scattered = table(depth=[18, 18, 18], seed=[0, 1, 2], test_accuracy=[0.6, 1.0, 0.8])
    chance = scattered.assign(test_accuracy=[0.1, 0.1, 0.1])

    assert compare_metrics(scattered, chance).differences


def test_a_changed_byte_of_a_network_is_found(finished, tmp_path):
    study = finished.copy(tmp_path)
    committed = read_results(study.folder, "tiny")
    weights = (
        study.folder / "models" / "tiny" / "reference" / "resnet18-seed0" / "model.safetensors"
    )
    content = bytearray(weights.read_bytes())
    content[-1] ^= 1
    weights.unlink()  # The cache may hold the same file.
    weights.write_bytes(content)
    study.dvc("commit", "--force", "train@tiny-reference-18-0")

    found = read_results(study.folder, "tiny")

    same, changed = (compare_results(committed, other) for other in (committed, found))
    assert same.differences == []
    (difference,) = changed.differences
    assert difference.startswith("models/tiny/reference/resnet18-seed0: committed")
    assert {same.reason, changed.reason} == {
        "This machine is of the class of the committed results: bytes must be equal."
    }


def test_another_machine_class_is_compared_by_metrics(finished):
    here = read_results(finished.folder, "tiny")
    elsewhere = replace(here, hashes={}, machine_classes=[{"processor": "another"}])

    comparison = compare_results(here, elsewhere)

    assert comparison.differences == []
    assert "initial loss of each run within" in comparison.title
    assert "another class" in comparison.reason


def test_another_seed_fails_the_tolerance(make_job, training_part, validation_part):
    zero, one = (
        table(
            depth=[18],
            seed=[0],
            initial_loss=[trained.record.initial_loss],
            test_accuracy=[trained.curves[-1].validation_accuracy],
        )
        for trained in (train(make_job(seed=s), training_part, validation_part) for s in (0, 1))
    )

    assert [line for line in compare_metrics(zero, one).differences if "initial loss" in line]
    assert compare_metrics(zero, zero).differences == []
