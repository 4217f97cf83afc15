"""The tables of a dataset that rest on single predictions: calibration, and examples to show."""

from collections.abc import Sequence
from pathlib import Path

from resnet_depth.calibration import reliability_table
from resnet_depth.datasets import DatasetCard
from resnet_depth.examples import examples_table
from resnet_depth.files import write_text
from resnet_depth.predictions import read_predictions
from resnet_depth.runs import PREDICTIONS_FILE, Run

# Inside plots/<dataset>/
RELIABILITY_TABLE = "reliability.csv"
EXAMPLES_TABLE = "examples.csv"


def write_prediction_tables(
    folder: Path, card: DatasetCard, evaluations: Path, runs: Sequence[Run], bins: int
) -> None:
    """Write both tables as CSV files into a folder, leaving its other files alone.

    Args:
        folder: Where the tables go.
        card: The prepared dataset's card.
        evaluations: Folder with one folder a run, as `evaluate` writes it.
        runs: All runs of the study.
        bins: How many bins of confidence there are, as in section `evaluate`.

    Raises:
        UserError: If a run's predictions are missing, damaged or of other images.
    """
    predictions = {
        run: read_predictions(
            evaluations / run.name / PREDICTIONS_FILE,
            len(card.class_names),
            card.counts["test"],
            f"evaluate@{card.key}-{run.depth}-{run.seed}",
        )
        for run in runs
    }
    tables = {
        RELIABILITY_TABLE: reliability_table(predictions, bins),
        EXAMPLES_TABLE: examples_table(predictions, card.class_names),
    }
    for name, table in tables.items():
        write_text(folder / name, table.to_csv(index=False, lineterminator="\n"))
