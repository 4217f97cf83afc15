"""All that a dataset's report rests on, read in one place, with the digest of every file read."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from resnet_depth.base.errors import UserError
from resnet_depth.base.files import file_digest
from resnet_depth.data.prepared import DatasetCard, read_card
from resnet_depth.evidence.contrasts import DepthMeans
from resnet_depth.evidence.examples import read_pictures
from resnet_depth.evidence.reading import read_table
from resnet_depth.evidence.statistics import Estimate, estimate_mean
from resnet_depth.evidence.tables import COLUMNS, accuracies_by_depth, accuracy_means
from resnet_depth.evidence.wording import dataset_title
from resnet_depth.latency.records import LatencyRecord
from resnet_depth.runs.names import TRAIN_RECORD_FILE, Run, instance, network_name, runs_of
from resnet_depth.runs.records import read_record
from resnet_depth.training.records import DurationRecord, TrainingRecord


@dataclass(frozen=True)
class Sources:
    """Where the evidence of a dataset lies; each folder is that dataset's own.

    `images` are those of the test part: some are shown, and nothing is chosen by them.
    """

    card: Path
    tables: Path
    models: Path
    durations: Path
    latency: Path
    images: Path


@dataclass(frozen=True)
class Evidence:
    """What was found of a dataset, for exactly the study's depths (ascending) and seeds.

    The tables are those that `summarize` wrote, each named as its file; `pictures` are the
    examples' test images by their index, uint8 (size, size, 3); `inputs` maps each file that was
    read to its SHA-256, in hexadecimal digits.
    """

    card: DatasetCard
    depths: tuple[int, ...]
    seeds: tuple[int, ...]
    confidence: float
    curves: pd.DataFrame
    accuracy: pd.DataFrame
    confusion: pd.DataFrame
    per_class: pd.DataFrame
    reliability: pd.DataFrame
    examples: pd.DataFrame
    pictures: dict[int, NDArray[np.uint8]]
    image_covariance: pd.DataFrame
    mcnemar: pd.DataFrame
    trainings: dict[Run, TrainingRecord]
    durations: dict[Run, DurationRecord]
    latency: dict[int, LatencyRecord]
    inputs: dict[str, str]

    @property
    def title(self) -> str:
        """The dataset's name as every figure and page carries it, with `(lossy)` where it is."""
        return dataset_title(self.card.title, self.card.lossy)

    @cached_property
    def accuracies(self) -> dict[int, list[float]]:
        """Each depth's test accuracies, one a seed (fractions)."""
        return accuracies_by_depth(self.accuracy)

    @cached_property
    def estimates(self) -> dict[int, Estimate]:
        """Each depth's mean test accuracy over seeds, with its interval."""
        return {d: estimate_mean(v, self.confidence) for d, v in self.accuracies.items()}

    @property
    def accuracy_means(self) -> DepthMeans:
        """What is known of the depths' mean test accuracies, over seeds and over test images."""
        return accuracy_means(self.accuracy, self.image_covariance)

    def training(self, depth: int) -> TrainingRecord:
        """Return what is the same for all runs of a depth: its first seed's record."""
        return self.trainings[Run(depth, self.seeds[0])]


def read_evidence(
    sources: Sources, depths: Sequence[int], seeds: Sequence[int], confidence: float
) -> Evidence:
    """Read what the report of a dataset rests on; `confidence`, in (0, 1), is of all intervals.

    Raises:
        UserError: If a file is missing or damaged, or the tables are of other runs.
    """
    card = read_card(sources.card)
    depths, seeds = tuple(sorted(depths)), tuple(sorted(seeds))
    runs = runs_of(depths, seeds)
    tables = _tables(sources.tables, runs, f"summarize@{card.key}")
    trained = {run: sources.models / run.name / TRAIN_RECORD_FILE for run in runs}
    lasted = {run: sources.durations / f"{run.name}.json" for run in runs}
    timed = {depth: sources.latency / f"{network_name(depth)}.json" for depth in depths}
    return Evidence(
        card=card,
        depths=depths,
        seeds=seeds,
        confidence=confidence,
        pictures=read_pictures(sources.images, tables["examples"]["index"].tolist()),
        **tables,
        trainings={
            run: read_record(path, TrainingRecord, instance("train", card.key, run))
            for run, path in trained.items()
        },
        durations={
            run: read_record(path, DurationRecord, instance("train", card.key, run))
            for run, path in lasted.items()
        },
        latency={
            depth: read_record(path, LatencyRecord, instance("latency", card.key, depth))
            for depth, path in timed.items()
        },
        inputs={
            path.as_posix(): file_digest(path)
            for path in (
                sources.card,
                sources.images,
                *(sources.tables / f"{name}.csv" for name in tables),
                *trained.values(),
                *lasted.values(),
                *timed.values(),
            )
        },
    )


def _tables(folder: Path, runs: Sequence[Run], target: str) -> dict[str, pd.DataFrame]:
    """Read the tables that the report uses, and see that they are of the study's runs."""
    tables = {
        name: read_table(folder / f"{name}.csv", columns, target)
        for name, columns in COLUMNS.items()
    }
    pairs = tables["accuracy"][["depth", "seed"]].itertuples(index=False)
    found = {Run(int(depth), int(seed)) for depth, seed in pairs}
    if found != set(runs):
        names = ", ".join(run.name for run in sorted(found ^ set(runs)))
        raise UserError(
            f"{folder / 'accuracy.csv'}: {names}: in this table or in the study, not in both; "
            f"repeat 'dvc repro {target}'"
        )
    return tables
