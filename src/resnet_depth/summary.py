"""What the runs of a dataset gave, brought together: tidy tables and a few numbers over seeds.

Everything here is deterministic: no clock's reading is used.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from resnet_depth.datasets import DatasetCard, read_card
from resnet_depth.errors import UserError
from resnet_depth.files import write_json, write_text
from resnet_depth.paired_tests import covariance_table, mcnemar_table, read_correct
from resnet_depth.records import EvaluationRecord, TrainingRecord, read_record, read_table
from resnet_depth.runs import (
    CURVES_FILE,
    METRICS_FILE,
    TRAIN_RECORD_FILE,
    Run,
    network_name,
    runs_of,
)
from resnet_depth.statistics import estimate_mean, pooled_sd

# Inside plots/<dataset>/
CURVES_TABLE = "curves.csv"
ACCURACY_TABLE = "accuracy.csv"
MEANS_TABLE = "accuracy_over_seeds.csv"
CONFUSION_TABLE = "confusion.csv"
CLASS_TABLE = "per_class.csv"
COVARIANCE_TABLE = "image_covariance.csv"
MCNEMAR_TABLE = "mcnemar.csv"

CURVE_COLUMNS = [
    *["epoch", "learning_rate", "train_loss", "train_accuracy"],
    *["validation_loss", "validation_accuracy"],
]
ACCURACY_COLUMNS = [
    *["depth", "seed", "test_accuracy", "test_loss", "expected_calibration_error"],
    *["images", "parameters", "macs", "initial_loss"],
]
CLASS_COLUMNS = ["depth", "seed", "class", "accuracy"]
CONFUSION_COLUMNS = ["depth", "actual", "predicted", "count", "fraction"]


@dataclass(frozen=True)
class RunResult:
    """What one run left: its record, its test and its curves (a row an epoch).

    `correct`, shape (images,), says which test images it got right.
    """

    run: Run
    training: TrainingRecord
    test: EvaluationRecord
    curves: pd.DataFrame
    correct: NDArray[np.bool_]


def read_results(
    card: Path, models: Path, evaluations: Path, depths: Sequence[int], seeds: Sequence[int]
) -> tuple[DatasetCard, list[RunResult]]:
    """Read exactly the runs of the study; others that lie in the folders are left alone.

    Args:
        card: The prepared dataset's card.
        models: Folder with one folder a run, as `train` writes it.
        evaluations: Folder with one folder a run, as `evaluate` writes it.
        depths: Depths of the study.
        seeds: Seeds of the study.

    Returns:
        The dataset's card, and the results by depth, ascending, then by seed.

    Raises:
        UserError: If a file of a run is missing or damaged, or an evaluation is of other images.
    """
    dataset = read_card(card)
    runs = runs_of(sorted(depths), sorted(seeds))
    tested = [_read_test(dataset, run, evaluations) for run in runs]
    correct = read_correct(evaluations, runs, dataset.key)
    trained = [_read_training(dataset, run, models) for run in runs]
    results = [
        RunResult(run, record, test, curves, correct[run])
        for run, (record, curves), test in zip(runs, trained, tested, strict=True)
    ]
    return dataset, results


def summarize(results: Sequence[RunResult]) -> dict[str, int | float]:
    """Return the few numbers that `dvc metrics show` puts side by side.

    Args:
        results: All runs, at least one a depth.

    Returns:
        The number of seeds; `resnet18_accuracy` and so on, means over seeds (fractions); and
        `accuracy_sd`, the standard deviation between seeds pooled over depths, where it exists.
    """
    groups = accuracies_by_depth(accuracy_table(results))
    summary: dict[str, int | float] = {"seeds": max(map(len, groups.values()))}
    for depth, values in groups.items():
        summary[f"{network_name(depth)}_accuracy"] = sum(values) / len(values)
    spread = pooled_sd(groups.values())
    return summary if spread is None else {**summary, "accuracy_sd": spread}


def accuracies_by_depth(accuracy: pd.DataFrame) -> dict[int, list[float]]:
    """Return each depth's test accuracies, one a seed, from the table `accuracy.csv`."""
    return {
        int(str(depth)): [float(value) for value in rows["test_accuracy"]]
        for depth, rows in accuracy.groupby("depth", sort=True)
    }


def curves_table(results: Sequence[RunResult]) -> pd.DataFrame:
    """Return the curves of all runs: a row for each depth, seed and epoch."""
    tables = [
        result.curves[CURVE_COLUMNS].assign(depth=result.run.depth, seed=result.run.seed)
        for result in results
    ]
    return pd.concat(tables, ignore_index=True)[["depth", "seed", *CURVE_COLUMNS]]


def accuracy_table(results: Sequence[RunResult]) -> pd.DataFrame:
    """Return the tests of all runs, a row for each depth and seed, with the network's size."""
    rows = [
        (
            *(result.run.depth, result.run.seed),
            *(result.test.test_accuracy, result.test.test_loss),
            *(result.test.expected_calibration_error, result.test.images),
            *(result.training.parameters, result.training.macs, result.training.initial_loss),
        )
        for result in results
    ]
    return pd.DataFrame(rows, columns=ACCURACY_COLUMNS)


def means_table(results: Sequence[RunResult], confidence: float) -> pd.DataFrame:
    """Return each depth's mean test accuracy over its n seeds, with sd and t interval.

    Args:
        results: All runs.
        confidence: Of the interval, in (0, 1).

    Returns:
        Columns depth, n, mean, sd, low, high, confidence; sd, low and high are empty for n = 1.
    """
    rows: list[dict[str, Any]] = [
        {"depth": depth, **asdict(estimate_mean(values, confidence)), "confidence": confidence}
        for depth, values in accuracies_by_depth(accuracy_table(results)).items()
    ]
    return pd.DataFrame(rows)


def confusion_table(results: Sequence[RunResult], class_names: Sequence[str]) -> pd.DataFrame:
    """Return how often each class was taken for each, summed over the seeds of a depth.

    Args:
        results: All runs.
        class_names: Names of the classes, in the order of their indices.

    Returns:
        Columns depth, actual, predicted (names), count (over seeds) and fraction (of the actual
        class's images, in [0, 1]; empty for a class without test images).
    """
    rows = []
    for depth in sorted({result.run.depth for result in results}):
        matrices = [result.test.confusion for result in results if result.run.depth == depth]
        for i, actual in enumerate(class_names):
            counts = [sum(matrix[i][j] for matrix in matrices) for j in range(len(class_names))]
            total = sum(counts)
            rows += [
                (depth, actual, predicted, count, count / total if total else None)
                for predicted, count in zip(class_names, counts, strict=True)
            ]
    return pd.DataFrame(rows, columns=CONFUSION_COLUMNS)


def class_table(results: Sequence[RunResult], class_names: Sequence[str]) -> pd.DataFrame:
    """Return each run's accuracy on each class: a row for each depth, seed and class."""
    rows = [
        (result.run.depth, result.run.seed, name, accuracy)
        for result in results
        for name, accuracy in zip(class_names, result.test.class_accuracy, strict=True)
    ]
    return pd.DataFrame(rows, columns=CLASS_COLUMNS)


def write_tables(
    folder: Path, results: Sequence[RunResult], class_names: Sequence[str], confidence: float
) -> None:
    """Write all tables as CSV files into a folder, leaving its other files alone."""
    correct = {result.run: result.correct for result in results}
    tables = {
        CURVES_TABLE: curves_table(results),
        ACCURACY_TABLE: accuracy_table(results),
        MEANS_TABLE: means_table(results, confidence),
        CONFUSION_TABLE: confusion_table(results, class_names),
        CLASS_TABLE: class_table(results, class_names),
        COVARIANCE_TABLE: covariance_table(correct),
        MCNEMAR_TABLE: mcnemar_table(correct),
    }
    for name, table in tables.items():
        write_text(folder / name, table.to_csv(index=False, lineterminator="\n"))


def write_summary(path: Path, results: Sequence[RunResult]) -> None:
    """Write the numbers of `summarize` as JSON."""
    write_json(path, summarize(results))


def _read_test(card: DatasetCard, run: Run, evaluations: Path) -> EvaluationRecord:
    """Read a run's test, and see that it is of the dataset's test images."""
    target = f"evaluate@{card.key}-{run.depth}-{run.seed}"
    path = evaluations / run.name / METRICS_FILE
    test = read_record(path, EvaluationRecord, target)
    classes = len(card.class_names)
    shape = {len(test.class_accuracy), *map(len, test.confusion), len(test.confusion)}
    if test.images != card.counts["test"] or shape != {classes}:
        raise UserError(
            f"{path}: a test of {test.images} images in {len(test.confusion)} classes; "
            f"{card.key} has {card.counts['test']} in {classes}; repeat 'dvc repro {target}'"
        )
    return test


def _read_training(
    card: DatasetCard, run: Run, models: Path
) -> tuple[TrainingRecord, pd.DataFrame]:
    """Read a run's record of training and its curves."""
    target = f"train@{card.key}-{run.depth}-{run.seed}"
    folder = models / run.name
    record = read_record(folder / TRAIN_RECORD_FILE, TrainingRecord, target)
    return record, read_table(folder / CURVES_FILE, CURVE_COLUMNS, target)
