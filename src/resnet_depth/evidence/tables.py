"""The tables of a dataset that git keeps and figures are drawn from; no clock's reading is used."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pandas as pd

from resnet_depth.base.files import write_json, write_text
from resnet_depth.evidence.calibration import RELIABILITY_COLUMNS, reliability_table
from resnet_depth.evidence.examples import EXAMPLE_COLUMNS, examples_table
from resnet_depth.evidence.paired_tests import (
    COVARIANCE_COLUMNS,
    MCNEMAR_COLUMNS,
    covariance_table,
    mcnemar_table,
)
from resnet_depth.evidence.results import CURVE_COLUMNS, RunResult
from resnet_depth.evidence.statistics import estimate_mean, pooled_sd
from resnet_depth.runs.names import network_name

# Inside plots/<dataset>/
CURVES_TABLE = "curves.csv"
ACCURACY_TABLE = "accuracy.csv"
MEANS_TABLE = "accuracy_over_seeds.csv"
CONFUSION_TABLE = "confusion.csv"
CLASS_TABLE = "per_class.csv"
COVARIANCE_TABLE = "image_covariance.csv"
MCNEMAR_TABLE = "mcnemar.csv"
RELIABILITY_TABLE = "reliability.csv"
EXAMPLES_TABLE = "examples.csv"
ACCURACY_COLUMNS = [
    *["depth", "seed", "test_accuracy", "test_loss", "expected_calibration_error"],
    *["images", "parameters", "macs", "initial_loss"],
]
CLASS_COLUMNS = ["depth", "seed", "class", "accuracy"]
CONFUSION_COLUMNS = ["depth", "actual", "predicted", "count", "fraction"]
# Of the tables that the report reads.
COLUMNS = {
    CURVES_TABLE: ["depth", "seed", *CURVE_COLUMNS],
    ACCURACY_TABLE: ACCURACY_COLUMNS,
    CONFUSION_TABLE: CONFUSION_COLUMNS,
    CLASS_TABLE: CLASS_COLUMNS,
    RELIABILITY_TABLE: RELIABILITY_COLUMNS,
    EXAMPLES_TABLE: EXAMPLE_COLUMNS,
    COVARIANCE_TABLE: COVARIANCE_COLUMNS,
    MCNEMAR_TABLE: MCNEMAR_COLUMNS,
}


def curves_table(results: Sequence[RunResult]) -> pd.DataFrame:
    """Return the curves of all runs: a row for each depth, seed and epoch."""
    tables = [
        result.curves[CURVE_COLUMNS].assign(depth=result.run.depth, seed=result.run.seed)
        for result in results
    ]
    return pd.concat(tables, ignore_index=True)[COLUMNS[CURVES_TABLE]]


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
    folder: Path,
    results: Sequence[RunResult],
    class_names: Sequence[str],
    confidence: float,
    bins: int,
) -> None:
    """Write all tables as CSV files into a folder, leaving its other files alone.

    Args:
        folder: Where the tables go.
        results: All runs.
        class_names: Names of the classes, in the order of their indices.
        confidence: Of intervals, in (0, 1).
        bins: How many bins of confidence there are, as in section `evaluate`.
    """
    predictions = {result.run: result.predictions for result in results}
    correct = {run: found.right for run, found in predictions.items()}
    tables = {
        CURVES_TABLE: curves_table(results),
        ACCURACY_TABLE: accuracy_table(results),
        MEANS_TABLE: means_table(results, confidence),
        CONFUSION_TABLE: confusion_table(results, class_names),
        CLASS_TABLE: class_table(results, class_names),
        COVARIANCE_TABLE: covariance_table(correct),
        MCNEMAR_TABLE: mcnemar_table(correct),
        RELIABILITY_TABLE: reliability_table(predictions, bins),
        EXAMPLES_TABLE: examples_table(predictions, class_names),
    }
    for name, table in tables.items():
        write_text(folder / name, table.to_csv(index=False, lineterminator="\n"))


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


def write_summary(path: Path, results: Sequence[RunResult]) -> None:
    """Write the numbers of `summarize` as JSON."""
    write_json(path, summarize(results))
