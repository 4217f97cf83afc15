"""What the runs of a dataset gave, brought together, and a few numbers over seeds."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from resnet_depth.base.errors import UserError
from resnet_depth.data.prepared import DatasetCard, read_card
from resnet_depth.evaluation.records import EvaluationRecord
from resnet_depth.evidence.paired_tests import read_correct
from resnet_depth.evidence.reading import read_table
from resnet_depth.runs.names import (
    CURVES_FILE,
    METRICS_FILE,
    TRAIN_RECORD_FILE,
    Run,
    runs_of,
)
from resnet_depth.runs.records import read_record
from resnet_depth.training.records import TrainingRecord

CURVE_COLUMNS = [
    *["epoch", "learning_rate", "train_loss", "train_accuracy"],
    *["validation_loss", "validation_accuracy"],
]


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
