"""Two runs of a study: equal, close enough, or different in what is named."""

from dataclasses import replace

import pandas as pd
import pytest
from given.stage_files import ENVIRONMENT

from resnet_depth.commands.reproducing.compare import (
    ACCURACY_CEILING,
    ACCURACY_FLOOR,
    accuracy_tolerance,
    beginnings,
    compare_hashes,
    compare_metrics,
    compare_results,
    differing_fields,
    read_results,
)
from resnet_depth.commands.reproducing.lock import Entry
from resnet_depth.machine.records import MachineClass
from resnet_depth.training.train import train


def table(**changes):
    rows = {
        "recipe": "reference",
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

    assert differences == ["reference, ResNet-18, seed 1: initial loss 2.6 committed, 2.61 here"]


def test_a_mean_accuracy_far_off_fails_the_tolerance():
    # Means over seeds: 0.94 committed against 0.82.
    differences = compare_metrics(table(), table(test_accuracy=[0.83, 0.81, 0.9])).differences

    assert len(differences) == 1
    assert differences[0].startswith(
        "reference, ResNet-18: mean test accuracy 0.94 committed, 0.82"
    )


def test_a_recipe_far_off_is_not_hidden_by_another_one():
    both = pd.concat([table(), table(recipe="fast")])
    found = pd.concat([table(), table(recipe="fast", test_accuracy=[0.83, 0.81, 0.9])])

    (difference,) = compare_metrics(both, found).differences

    assert difference.startswith("fast, ResNet-18: mean test accuracy 0.94 committed, 0.82")


def test_a_missing_run_fails_the_comparison():
    differences = compare_metrics(table(), table().iloc[:2]).differences

    assert "reference, ResNet-34, seed 0: only on one side" in differences


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
    difference, beginning = changed.differences
    assert difference.startswith("models/tiny/reference/resnet18-seed0: committed")
    assert beginning.startswith("It begins at train@tiny-reference-18-0, with settings, code and")
    assert {same.reason, changed.reason} == {
        "This machine is of the class of the committed results: bytes must be equal."
    }


def test_another_machine_class_is_compared_by_metrics_and_named_by_field(finished, capsys):
    here = read_results(finished.folder, "tiny")
    (machine,) = here.machine_classes
    other = machine.model_copy(update={"processor": "Another"})
    elsewhere = replace(here, entries={}, machine_classes=[other])

    comparison = compare_results(here, elsewhere)
    comparison.tell()

    assert comparison.differences == []
    said = capsys.readouterr().out
    assert "another class" in said
    assert f"processor: {machine.processor} committed, Another here\n" in said
    assert "EQUAL WITHIN TOLERANCE: metrics: initial loss of each run within" in said


def test_fields_of_two_machine_classes_that_differ_are_named_as_far_as_both_tell():
    here = MachineClass.model_validate(
        ENVIRONMENT["machine_class"]
        | {"kernels": "AVX2", "variables": {"ATEN_CPU_CAPABILITY": "avx2"}}
    )
    other = here.model_copy(
        update={
            "kernels": "AVX512",
            "variables": {},
            "packages": {**here.packages, "numpy": "2.4.7"},
        }
    )
    earlier = other.model_copy(update={"kernels": None})

    assert differing_fields(here, here) == []
    assert differing_fields(other, here, where=("published", "here")) == [
        "kernels: AVX512 published, AVX2 here",
        "packages.numpy: 2.4.7 published, 2.4.6 here",
        "variables.ATEN_CPU_CAPABILITY: unset published, avx2 here",
    ]
    assert differing_fields(earlier, here) == ["packages.numpy: 2.4.7 committed, 2.4.6 here"]


def test_results_from_before_kernels_were_told_are_compared_by_bytes(finished):
    here = read_results(finished.folder, "tiny")
    (machine,) = here.machine_classes
    earlier = replace(here, machine_classes=[machine.model_copy(update={"kernels": None})])

    assert "bytes must be equal" in compare_results(earlier, here).reason


CHAIN = {
    "prepare@digits": Entry({"data/raw": "1"}, {"data/prepared": "2"}, {"prepare.seed": 0}),
    "train@digits": Entry({"data/prepared": "2", "src/training": "3"}, {"models": "4.dir"}),
    "evaluate@digits": Entry({"models": "4.dir"}, {"data/evaluations": "5"}),
    "summarize@digits": Entry({"data/evaluations": "5", "models": "4.dir"}, {"metrics": "6"}),
}


def with_other(entries, **changes):
    """Entries with other hashes of the paths and values of the settings that are named."""
    return {
        name: Entry(
            {path: changes.get(path, md5) for path, md5 in entry.deps.items()},
            {path: changes.get(path, md5) for path, md5 in entry.outs.items()},
            {key: changes.get(key, value) for key, value in entry.params.items()},
        )
        for name, entry in entries.items()
    }


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        (
            {"models": "0.dir", "data/evaluations": "0", "metrics": "0"},
            "It begins at train@digits, with settings, code and inputs that are equal",
        ),
        (
            {"src/training": "0", "models": "0.dir", "data/evaluations": "0"},
            "It begins at train@digits, with src/training",
        ),
        (
            {"prepare.seed": 1, "data/prepared": "0", "models": "0.dir"},
            "It begins at prepare@digits, with prepare.seed 1 in place of 0",
        ),
    ],
)
def test_where_differences_begin_is_told_with_what_was_otherwise_there(changes, line):
    (beginning,) = beginnings(CHAIN, with_other(CHAIN, **changes))

    assert beginning.startswith(line)


def test_equal_results_and_what_a_clock_gave_begin_nowhere():
    timed = CHAIN | {"latency@digits": Entry({"models": "4.dir"}, {"data/latency": "7"})}

    assert beginnings(timed, with_other(timed, **{"src/training": "0", "data/latency": "0"})) == []


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
