"""All that a dataset's report rests on, read in one place, with the digest of every file read."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from resnet_depth.base.sections import load_section
from resnet_depth.data.prepared import DatasetCard, read_card
from resnet_depth.evidence.contrasts import Means
from resnet_depth.evidence.examples import read_pictures
from resnet_depth.evidence.reading import digests
from resnet_depth.evidence.results import require_todays
from resnet_depth.evidence.settings import StudySettings
from resnet_depth.evidence.statistics import Estimate, estimate_mean
from resnet_depth.evidence.tables import (
    accuracies_by_depth,
    accuracy_means,
    network_means,
    of_recipe,
    read_tables,
    runs_in,
)
from resnet_depth.evidence.wording import dataset_title
from resnet_depth.export.records import EXPORT_RECORD_FILE, ExportRecord
from resnet_depth.latency.records import (
    InferenceRecord,
    LatencyRecord,
    PrunedLatencyRecord,
    pruned_latency_file,
    pruned_latency_instance,
)
from resnet_depth.pruning.records import PruneDurationRecord
from resnet_depth.runs.names import TRAIN_RECORD_FILE, Network, Run, instance, pruning_instance
from resnet_depth.runs.records import R, read_record
from resnet_depth.training.records import DurationRecord, TrainingRecord
from resnet_depth.training.settings import RecipeSettings

# What there is a record of.
M = TypeVar("M", Run, Network)


@dataclass(frozen=True)
class Sources:
    """Where the evidence of a dataset lies; each folder is that dataset's own.

    `recipes` has the recipes, whole; `images` are those of the test part: some are shown, and
    nothing is chosen by them.
    """

    card: Path
    recipes: Path
    tables: Path
    models: Path
    durations: Path
    exports: Path
    latency: Path
    images: Path


@dataclass(frozen=True)
class Evidence:
    """What was found of a dataset by one recipe, at the study's depths (ascending) and seeds.

    The tables are the recipe's rows of those that `summarize` wrote, each named as its file;
    `settings` is the recipe, whole, and `alone` whether the study has no other; `pictures` are the
    examples' test images by their index, uint8 (size, size, 3). What was pruned, if anything, is in
    `pruning`, a row a run and level, `pruning_durations`, and by depth `pruned_latency`.
    """

    card: DatasetCard
    recipe: str
    settings: RecipeSettings
    alone: bool
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
    pruning: pd.DataFrame
    pruning_durations: dict[Run, PruneDurationRecord]
    trainings: dict[Run, TrainingRecord]
    durations: dict[Run, DurationRecord]
    exports: dict[int, ExportRecord]
    latency: dict[int, LatencyRecord]
    pruned_latency: dict[int, PrunedLatencyRecord]

    @property
    def inferences(self) -> tuple[InferenceRecord, ...]:
        """All timings of inference, of networks as they were trained and of pruned ones."""
        return (*self.latency.values(), *self.pruned_latency.values())

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
    def accuracy_means(self) -> Means[int]:
        """What is known of the depths' mean test accuracies, over seeds and over test images."""
        return accuracy_means(self.accuracy, self.image_covariance)

    @property
    def first_training(self) -> TrainingRecord:
        """The record of the shallowest depth's first seed."""
        return self.training(self.depths[0])

    def training(self, depth: int) -> TrainingRecord:
        """Return what is the same for all runs of a depth: its first seed's record."""
        return self.trainings[Run(self.recipe, depth, self.seeds[0])]


@dataclass(frozen=True)
class StudyEvidence:
    """What was found of a dataset: of each recipe, and of all together.

    `by_recipe` is in the study's order; `accuracy` and `image_covariance` are the whole tables;
    `inputs` maps each file that was read to its SHA-256, in hexadecimal digits.
    """

    by_recipe: dict[str, Evidence]
    accuracy: pd.DataFrame
    image_covariance: pd.DataFrame
    inputs: dict[str, str]

    @property
    def recipes(self) -> tuple[str, ...]:
        """The study's recipes."""
        return tuple(self.by_recipe)

    @property
    def first(self) -> Evidence:
        """The first recipe's, which has what all of them share: dataset, depths and seeds."""
        return next(iter(self.by_recipe.values()))

    @property
    def accuracy_means(self) -> Means[Network]:
        """What is known of all networks' mean test accuracies, over seeds and over test images."""
        return network_means(self.accuracy, self.image_covariance)


def read_evidence(sources: Sources, study: StudySettings, confidence: float) -> StudyEvidence:
    """Read what the report of a dataset rests on; `confidence`, in (0, 1), is of all intervals.

    Raises:
        UserError: If a file is missing, damaged, or of other runs or settings than the study's.
    """
    card, runs = read_card(sources.card), study.runs()
    tables = read_tables(sources.tables, runs, f"summarize@{card.key}")
    pictures = read_pictures(sources.images, tables["examples"]["index"].tolist())
    settings = {recipe: sources.recipes / f"{recipe}.json" for recipe in study.recipes}
    trained = {run: sources.models / run.name / TRAIN_RECORD_FILE for run in runs}
    lasted = {run: sources.durations / f"{run.name}.json" for run in runs}
    networks = dict.fromkeys(run.network for run in runs)
    pruned = runs_in(tables["pruning"])
    pruning = {run: sources.durations / f"{run.name_in_recipe}-pruning.json" for run in pruned}
    exported = {one: sources.exports / one.name / EXPORT_RECORD_FILE for one in networks}
    timed = {network: sources.latency / f"{network.name}.json" for network in networks}
    smaller = dict.fromkeys(run.network for run in pruned)
    timed_pruned = {one: sources.latency / pruned_latency_file(one.depth) for one in smaller}

    def of_recipe_alone(recipe: str) -> Evidence:
        train, export, latency = (
            partial(instance, stage, card.key) for stage in ("train", "export", "latency")
        )
        prune = partial(pruning_instance, card.key)
        time_pruned = partial(pruned_latency_instance, card.key)
        todays = load_section(settings[recipe], "", RecipeSettings)
        trainings = _records(trained, recipe, TrainingRecord, train)
        require_todays(trainings.values(), todays)
        return Evidence(
            card=card,
            recipe=recipe,
            settings=todays,
            alone=len(study.recipes) == 1,
            depths=tuple(sorted(study.depths)),
            seeds=tuple(sorted(study.seeds)),
            confidence=confidence,
            pictures=pictures,
            **{name: of_recipe(table, recipe) for name, table in tables.items()},
            trainings=trainings,
            durations=_records(lasted, recipe, DurationRecord, train),
            pruning_durations=_records(pruning, recipe, PruneDurationRecord, prune),
            exports=_by_depth(exported, recipe, ExportRecord, export),
            latency=_by_depth(timed, recipe, LatencyRecord, latency),
            pruned_latency=_by_depth(timed_pruned, recipe, PrunedLatencyRecord, time_pruned),
        )

    return StudyEvidence(
        by_recipe={recipe: of_recipe_alone(recipe) for recipe in study.recipes},
        accuracy=tables["accuracy"],
        image_covariance=tables["image_covariance"],
        inputs=digests(
            [
                *(sources.card, sources.images, *settings.values()),
                *(sources.tables / f"{name}.csv" for name in tables),
                *(*trained.values(), *lasted.values(), *pruning.values()),
                *(*exported.values(), *timed.values(), *timed_pruned.values()),
            ]
        ),
    )


def _records(
    paths: Mapping[M, Path], recipe: str, kind: type[R], target: Callable[[M], str]
) -> dict[M, R]:
    """Read one recipe's records, by run or network; `target` names the stage that wrote one."""
    return {
        member: read_record(path, kind, target(member), **asdict(member))
        for member, path in paths.items()
        if member.recipe == recipe
    }


def _by_depth(
    paths: Mapping[Network, Path], recipe: str, kind: type[R], target: Callable[[Network], str]
) -> dict[int, R]:
    """Read one recipe's records of networks, by depth."""
    return {one.depth: found for one, found in _records(paths, recipe, kind, target).items()}
