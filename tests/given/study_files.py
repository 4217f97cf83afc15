"""A small constructed study: the files of all its stages, for tests of what reads them."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from given.stage_files import (
    BINS,
    CLASSES,
    ENVIRONMENT,
    PARAMETERS,
    write_card,
    write_durations,
    write_evaluation,
    write_export,
    write_images,
    write_latency,
    write_levels,
    write_pruned,
    write_pruned_latency,
    write_recipe,
    write_training,
)

from resnet_depth.base.files import read_json
from resnet_depth.base.sections import load_section
from resnet_depth.evidence.evidence import Evidence, Sources, StudyEvidence, read_evidence
from resnet_depth.evidence.results import read_pruned, read_results
from resnet_depth.evidence.settings import StudySettings
from resnet_depth.evidence.tables import write_tables
from resnet_depth.runs.names import runs_of
from resnet_depth.training.settings import RecipeSettings


@dataclass(frozen=True)
class StudyFiles:
    """The folders of one constructed dataset, named as in dvc.yaml, under `root`."""

    root: Path
    depths: tuple[int, ...]
    seeds: tuple[int, ...]
    recipes: tuple[str, ...] = ("reference",)
    dataset: str = "digits"

    @property
    def card(self) -> Path:
        return self.root / "data/prepared" / self.dataset / "dataset.json"

    @property
    def models(self) -> Path:
        return self.root / "models" / self.dataset

    @property
    def evaluations(self) -> Path:
        return self.root / "data/evaluations" / self.dataset

    @property
    def durations(self) -> Path:
        return self.root / "data/durations" / self.dataset

    @property
    def exports(self) -> Path:
        return self.root / "data/exports" / self.dataset

    @property
    def latency(self) -> Path:
        return self.root / "data/latency" / self.dataset

    @property
    def pruned(self) -> Path:
        return self.root / "data/pruned" / self.dataset

    @property
    def tables(self) -> Path:
        return self.root / "plots" / self.dataset

    @property
    def metrics(self) -> Path:
        return self.root / "metrics" / self.dataset

    @property
    def sources(self) -> Sources:
        images = self.card.parent / "test_images.npy"
        return Sources(
            *(self.card, self.recipe_files, self.tables, self.models, self.durations),
            *(self.exports, self.latency, images),
        )

    @property
    def recipe_files(self) -> Path:
        return self.root / "data/recipes"

    def settings(self, depths=None, seeds=None) -> StudySettings:
        """What section `study` says, of other depths or seeds where some are given."""
        return StudySettings(
            datasets=[self.dataset],
            recipes=self.recipes,
            depths=depths or self.depths,
            seeds=seeds or self.seeds,
        )

    def results(self, depths=None, seeds=None):
        runs = self.settings(depths, seeds).runs()
        recipes = {
            name: load_section(self.recipe_files / f"{name}.json", "", RecipeSettings)
            for name in self.recipes
        }
        return read_results(self.card, self.models, self.evaluations, runs, recipes)

    def summarize(self, confidence=0.95) -> None:
        """Do what the stage `summarize` does."""
        card, results = self.results()
        pruned = read_pruned(self.pruned, self.dataset, self.seeds)
        write_tables(self.tables, results, pruned, card.class_names, confidence, BINS)

    def study_evidence(self, confidence=0.95) -> StudyEvidence:
        """What was found by all recipes."""
        self.summarize(confidence)
        return read_evidence(self.sources, self.settings(), confidence)

    def evidence(self, confidence=0.95) -> Evidence:
        """What was found by the first recipe."""
        return self.study_evidence(confidence).first


def write_study(
    root, *, depths=(18, 34, 50), seeds=(0, 1, 2), epochs=6, lossy=False, validation=True,
    shared=(), accuracy=None, train_seconds=None, classes=CLASSES, commit=None,
    recipes=("reference",), pruned=(),
):  # fmt: skip
    """Write a study's files and return where they lie.

    `accuracy` and `train_seconds` map (depth, seed) to values that replace made-up ones; `shared`
    holds the (depth, seed) whose durations are marked as taken on a shared machine; `commit` is
    what the clocks' records name. Each further recipe is 0.02 more accurate in two thirds of the
    time; there, keys of `accuracy` and `train_seconds` begin with its name. A mapping of recipes
    says in what keys each differs from the shipped reference. `pruned` are the depths whose
    networks by the first recipe were pruned.
    """
    study = StudyFiles(Path(root), tuple(depths), tuple(seeds), tuple(recipes))
    environment = ENVIRONMENT | ({"commit": commit} if commit else {})
    write_card(study, lossy, validation, classes)
    write_images(study.sources.images)
    levels = study.pruned / "levels.json"
    write_levels(levels, study.recipes[0], pruned)
    for place, recipe in enumerate(recipes):
        changes = recipes[recipe] if isinstance(recipes, dict) else {}
        write_recipe(study.recipe_files / f"{recipe}.json", epochs, changes)
        for run in runs_of([recipe], depths, seeds):
            key = (run.depth, run.seed) if place == 0 else (recipe, run.depth, run.seed)
            random = np.random.default_rng([run.depth, run.seed, *([place] if place else [])])
            step = sorted(PARAMETERS).index(run.depth)
            reached = (accuracy or {}).get(
                key, 0.9 + 0.02 * step + 0.02 * place + random.normal(0, 0.006)
            )
            seconds = (train_seconds or {}).get(
                key, 11.0 * (1 + 0.9 * step) * (1 + random.normal(0, 0.03)) * (2 / 3) ** place
            )
            trained = study.models / run.name
            write_training(trained, run, epochs, reached, validation, random, study.recipe_files)
            write_evaluation(study.evaluations / run.name, run, reached, classes, random)
            lasted = study.durations / f"{run.name}.json"
            write_durations(lasted, run, epochs, seconds, key in shared, environment)
            if place == 0 and run.depth in pruned:
                smaller = study.pruned / run.name_in_recipe
                clock = study.durations / f"{run.name_in_recipe}-pruning.json"
                write_pruned(levels, smaller, clock, run, reached, environment, key in shared)
            if run.seed == seeds[0]:
                exported = study.exports / run.network.name / "export.json"
                write_export(exported, run, read_json(trained / "train.json"), classes)
                write_latency(study.latency / f"{run.network.name}.json", run, environment)
                if place == 0 and run.depth in pruned:
                    timed = study.latency / f"resnet{run.depth}-pruned.json"
                    write_pruned_latency(levels, timed, run, environment, key in shared)
    return study
