"""The tables of a dataset that git keeps and figures are drawn from; no clock's reading is used."""

from collections.abc import Sequence
from dataclasses import asdict, astuple
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from resnet_depth.base.errors import UserError
from resnet_depth.base.files import write_text
from resnet_depth.evidence.calibration import RELIABILITY_COLUMNS, reliability_table
from resnet_depth.evidence.contrasts import Means
from resnet_depth.evidence.examples import EXAMPLE_COLUMNS, examples_table
from resnet_depth.evidence.paired_tests import (
    COVARIANCE_COLUMNS,
    MCNEMAR_COLUMNS,
    covariance_table,
    mcnemar_table,
)
from resnet_depth.evidence.reading import read_table
from resnet_depth.evidence.results import CURVE_COLUMNS, RunResult
from resnet_depth.evidence.statistics import estimate_mean
from resnet_depth.pruning.records import LevelRecord, PruneRecord
from resnet_depth.runs.names import Network, Run

# Of the tables that the report reads, by name: each is such a CSV file inside plots/<dataset>/.
COLUMNS = {
    "curves": ["recipe", "depth", "seed", *CURVE_COLUMNS],
    "accuracy": [
        *["recipe", "depth", "seed", "test_accuracy", "mirrored_test_accuracy", "test_loss"],
        "expected_calibration_error",
        *["images", "parameters", "macs", "initial_loss"],
    ],
    "confusion": ["recipe", "depth", "actual", "predicted", "count", "fraction"],
    "per_class": ["recipe", "depth", "seed", "class", "accuracy"],
    "reliability": RELIABILITY_COLUMNS,
    "examples": EXAMPLE_COLUMNS,
    "image_covariance": COVARIANCE_COLUMNS,
    "mcnemar": MCNEMAR_COLUMNS,
    "pruning": ["recipe", "depth", "seed", *LevelRecord.model_fields],
}


def curves_table(results: Sequence[RunResult]) -> pd.DataFrame:
    """Return the curves of all runs: a row for each recipe, depth, seed and epoch."""
    tables = [result.curves.assign(**asdict(result.run)) for result in results]
    return pd.concat(tables, ignore_index=True)[COLUMNS["curves"]]


def accuracy_table(results: Sequence[RunResult]) -> pd.DataFrame:
    """Return the tests of all runs, a row a recipe, depth and seed, with the network's size."""
    rows = [
        {**result.training.model_dump(), **result.test.model_dump(), **asdict(result.run)}
        for result in results
    ]
    return pd.DataFrame(rows, columns=COLUMNS["accuracy"])


def means_table(results: Sequence[RunResult], confidence: float) -> pd.DataFrame:
    """Return each network's mean test accuracy over its n seeds, with sd and t interval.

    Columns recipe, depth, n, mean, sd, low, high and confidence; sd, low and high are empty for one
    seed.
    """
    return pd.DataFrame(
        {
            **asdict(network),
            **asdict(estimate_mean(values, confidence)),
            "confidence": confidence,
        }
        for network, values in accuracies_by_network(accuracy_table(results)).items()
    )


def confusion_table(results: Sequence[RunResult], class_names: Sequence[str]) -> pd.DataFrame:
    """Return how often each class was taken for each, summed over a network's seeds.

    Columns recipe, depth, actual, predicted (names), count (over seeds) and fraction (of the actual
    class's images, in [0, 1]; empty for a class without test images).
    """
    rows = []
    for network in dict.fromkeys(result.run.network for result in results):
        matrices = [each.test.confusion for each in results if each.run.network == network]
        for actual, counts in zip(class_names, np.sum(matrices, axis=0).tolist(), strict=True):
            total = sum(counts)
            rows += [
                (*astuple(network), actual, predicted, count, count / total if total else None)
                for predicted, count in zip(class_names, counts, strict=True)
            ]
    return pd.DataFrame(rows, columns=COLUMNS["confusion"])


def class_table(results: Sequence[RunResult], class_names: Sequence[str]) -> pd.DataFrame:
    """Return each run's accuracy on each class: a row for each recipe, depth, seed and class."""
    rows = [
        (*astuple(result.run), name, accuracy)
        for result in results
        for name, accuracy in zip(class_names, result.test.class_accuracy, strict=True)
    ]
    return pd.DataFrame(rows, columns=COLUMNS["per_class"])


def pruning_table(pruned: Sequence[PruneRecord]) -> pd.DataFrame:
    """Return what pruning left: a row for each recipe, depth, seed and level; maybe none."""
    rows = [
        {**record.model_dump(), **level.model_dump()}
        for record in pruned
        for level in record.levels
    ]
    return pd.DataFrame(rows, columns=COLUMNS["pruning"])


def write_tables(
    folder: Path,
    results: Sequence[RunResult],
    pruned: Sequence[PruneRecord],
    class_names: Sequence[str],
    confidence: float,
    bins: int,
) -> None:
    """Write all tables as CSV files into a folder, leaving its other files alone.

    `class_names` are in the order of the classes' indices, `confidence`, in (0, 1), is that of
    intervals, and `bins` the number of bins of confidence, as in section `evaluate`.
    """
    predictions = {result.run: result.predictions for result in results}
    correct = {run: found.right for run, found in predictions.items()}
    tables = {
        "curves": curves_table(results),
        "accuracy": accuracy_table(results),
        "accuracy_over_seeds": means_table(results, confidence),
        "confusion": confusion_table(results, class_names),
        "per_class": class_table(results, class_names),
        "image_covariance": covariance_table(correct),
        "mcnemar": mcnemar_table(correct),
        "reliability": reliability_table(predictions, bins),
        "examples": examples_table(predictions, class_names),
        "pruning": pruning_table(pruned),
    }
    for name, table in tables.items():
        write_text(folder / f"{name}.csv", table.to_csv(index=False, lineterminator="\n"))


def accuracies_by_network(table: pd.DataFrame) -> dict[Network, list[float]]:
    """Return each network's test accuracies, one a seed, from a table such as `accuracy.csv`."""
    rows = zip(table["recipe"], table["depth"], table["test_accuracy"], strict=True)
    found = dict[Network, list[float]]()
    for recipe, depth, accuracy in rows:
        found.setdefault(Network(str(recipe), int(depth)), []).append(float(accuracy))
    return found


def of_recipe(table: pd.DataFrame, recipe: str) -> pd.DataFrame:
    """Return the rows of any of the tables that are of one recipe alone, without naming it."""
    columns = [name for name in ("recipe", "first_recipe", "second_recipe") if name in table]
    rows = table[(table[columns] == recipe).all(axis=1)]
    return rows.drop(columns=columns).reset_index(drop=True)


def accuracies_by_depth(
    table: pd.DataFrame, column: str = "test_accuracy"
) -> dict[int, list[float]]:
    """Return each depth's accuracies, one a seed, from one recipe's rows of such a table."""
    return {
        int(str(depth)): rows[column].tolist() for depth, rows in table.groupby("depth", sort=True)
    }


def accuracy_means(accuracy: pd.DataFrame, image_covariance: pd.DataFrame) -> Means[int]:
    """Return what one recipe's rows of these tables tell of its depths' mean test accuracies."""
    runs = accuracies_by_depth(accuracy)
    return Means(runs, *_square(image_covariance, list(runs), ["first"], ["second"]))


def network_means(accuracy: pd.DataFrame, image_covariance: pd.DataFrame) -> Means[Network]:
    """Return what the whole tables of these names tell of all networks' mean test accuracies."""
    runs = accuracies_by_network(accuracy)
    first, second = ["first_recipe", "first"], ["second_recipe", "second"]
    return Means(runs, *_square(image_covariance, list(map(astuple, runs)), first, second))


def _square(
    image_covariance: pd.DataFrame, keys: list[Any], first: list[str], second: list[str]
) -> tuple[NDArray[np.float64], int]:
    """Return the covariances in the order of `keys`, and the number of images.

    The columns `first` and `second` hold the two keys of a row.
    """
    square = image_covariance.pivot(index=first, columns=second, values="covariance")
    return square.loc[keys, keys].to_numpy(dtype=np.float64), int(
        image_covariance["images"].iloc[0]
    )


def read_tables(folder: Path, runs: Sequence[Run], target: str) -> dict[str, pd.DataFrame]:
    """Read the tables that the report uses, by name, and see that they are of the study's runs.

    Raises:
        UserError: If a table is missing or damaged, or of other runs; `target` writes it.
    """
    tables = {
        name: read_table(folder / f"{name}.csv", columns, target)
        for name, columns in COLUMNS.items()
    }
    found = set(runs_in(tables["accuracy"]))
    if found != set(runs):
        names = ", ".join(run.name for run in sorted(found ^ set(runs)))
        raise UserError(
            f"{folder / 'accuracy.csv'}: {names}: in this table or in the study, not in both; "
            f"repeat 'dvc repro {target}'"
        )
    return tables


def runs_in(table: pd.DataFrame) -> list[Run]:
    """Return the runs that a table of all recipes has rows of."""
    rows = table[["recipe", "depth", "seed"]].drop_duplicates().itertuples(index=False)
    return [Run(str(recipe), int(depth), int(seed)) for recipe, depth, seed in rows]
