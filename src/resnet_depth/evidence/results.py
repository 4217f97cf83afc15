"""What the runs of a dataset gave, each file read once."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from resnet_depth.base.errors import UserError
from resnet_depth.base.sections import load_section
from resnet_depth.data.prepared import DatasetCard, read_card
from resnet_depth.evaluation.records import EvaluationRecord
from resnet_depth.evidence.predictions import Predictions, read_predictions
from resnet_depth.evidence.reading import read_table
from resnet_depth.pruning.records import PruneRecord
from resnet_depth.pruning.settings import PruneSettings
from resnet_depth.runs.names import (
    CURVES_FILE,
    LEVELS_FILE,
    METRICS_FILE,
    PREDICTIONS_FILE,
    PRUNE_RECORD_FILE,
    TRAIN_RECORD_FILE,
    Run,
    instance,
    pruning_instance,
    runs_of,
)
from resnet_depth.runs.records import damaged, read_record, require_file
from resnet_depth.training.records import TrainingRecord
from resnet_depth.training.settings import RecipeSettings

CURVE_COLUMNS = [
    *["epoch", "learning_rate_begin", "learning_rate_end", "train_loss", "train_accuracy"],
    *["validation_loss", "validation_accuracy"],
]


@dataclass(frozen=True)
class RunResult:
    """What one run left: its record, its curves (a row an epoch), and its test."""

    run: Run
    training: TrainingRecord
    curves: pd.DataFrame
    test: EvaluationRecord
    predictions: Predictions


def read_results(
    card: Path,
    models: Path,
    evaluations: Path,
    runs: Sequence[Run],
    recipes: Mapping[str, RecipeSettings],
) -> tuple[DatasetCard, list[RunResult]]:
    """Read exactly the runs of the study; others that lie in the folders are left alone.

    `models` and `evaluations` hold one folder a run, as `train` and `evaluate` write it. The
    dataset's card comes with the results, which are in the order of `runs`. `recipes` are today's.

    Raises:
        UserError: If a file of a run is missing or damaged, a network was trained by other
            settings, or an evaluation is of other images.
    """
    dataset = read_card(card)
    results = [_read_run(dataset, run, models / run.name, evaluations / run.name) for run in runs]
    first = results[0]
    for result in results:
        require_todays([result.training], recipes[result.run.recipe])
        if not np.array_equal(result.predictions.labels, first.predictions.labels):
            path = evaluations / result.run.name / PREDICTIONS_FILE
            target = instance("evaluate", dataset.key, result.run)
            raise UserError(
                f"{path}: tested on other images than {first.run.name}; repeat 'dvc repro {target}'"
            )
    return dataset, results


def require_todays(records: Iterable[TrainingRecord], recipe: RecipeSettings) -> None:
    """See that networks were trained by their recipe as that is in the settings today.

    Raises:
        UserError: If a key differs.
    """
    todays = recipe.model_dump(mode="json")
    for record in records:
        run = Run(record.recipe, record.depth, record.seed)
        for key in {**todays, **record.settings}:
            trained, now = (each.get(key, "nothing") for each in (record.settings, todays))
            if trained != now:
                raise UserError(
                    f"{record.dataset} {run.name}: trained with {key} {trained}; the recipe has "
                    f"{now} today; repeat 'dvc repro {instance('train', record.dataset, run)}'"
                )


def read_pruned(folder: Path, dataset: str, seeds: Sequence[int]) -> list[PruneRecord]:
    """Read what the pruning of a dataset's networks left; nothing where none is asked for.

    `folder` holds what is asked for, as the stage `levels` writes it, and one folder a run. Records
    are by depth and seed, ascending.

    Raises:
        UserError: If a file is missing or damaged.
    """
    require_file(folder / LEVELS_FILE, f"levels@{dataset}")
    asked = load_section(folder / LEVELS_FILE, "", PruneSettings)
    return [
        read_record(
            folder / run.name_in_recipe / PRUNE_RECORD_FILE,
            PruneRecord,
            pruning_instance(dataset, run),
            **asdict(run),
        )
        for run in runs_of([asked.recipe], sorted(asked.depths), sorted(seeds))
    ]


def _read_run(card: DatasetCard, run: Run, model: Path, evaluation: Path) -> RunResult:
    """Read what one run left, and see that it was tested on the dataset's test images."""
    target = instance("evaluate", card.key, run)
    classes, images = len(card.class_names), card.counts["test"]
    whose = {"depth": run.depth, "seed": run.seed}
    test = read_record(evaluation / METRICS_FILE, EvaluationRecord, target, **whose)
    if test.images != images or len(test.confusion) != classes:
        raise UserError(
            f"{evaluation / METRICS_FILE}: a test of {test.images} images in "
            f"{len(test.confusion)} classes; {card.key} has {images} in {classes}; "
            f"repeat 'dvc repro {target}'"
        )
    predictions = read_predictions(evaluation / PREDICTIONS_FILE, classes, images, target)
    if not np.array_equal(predictions.confusion(classes), test.confusion):
        raise damaged(evaluation / PREDICTIONS_FILE, target, f"isn't what {METRICS_FILE} is of")
    target = instance("train", card.key, run)
    training = read_record(model / TRAIN_RECORD_FILE, TrainingRecord, target, **asdict(run))
    curves = read_table(model / CURVES_FILE, CURVE_COLUMNS, target)
    if curves["epoch"].tolist() != list(range(1, training.epochs + 1)):
        raise damaged(model / CURVES_FILE, target, f"isn't of epochs 1 to {training.epochs}")
    return RunResult(run, training, curves, test, predictions)
