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
    write_images,
    write_latency,
    write_training,
)

from resnet_depth.base.files import write_json
from resnet_depth.evidence.evidence import Evidence, Sources, read_evidence
from resnet_depth.evidence.results import read_results
from resnet_depth.evidence.tables import summarize, write_tables


@dataclass(frozen=True)
class StudyFiles:
    """The folders of one constructed dataset, named as in dvc.yaml, under `root`."""

    root: Path
    depths: tuple[int, ...]
    seeds: tuple[int, ...]
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
    def latency(self) -> Path:
        return self.root / "data/latency" / self.dataset

    @property
    def tables(self) -> Path:
        return self.root / "plots" / self.dataset

    @property
    def summary(self) -> Path:
        return self.root / "metrics" / self.dataset / "summary.json"

    @property
    def sources(self) -> Sources:
        images = self.card.parent / "test_images.npy"
        return Sources(self.card, self.tables, self.models, self.durations, self.latency, images)

    def results(self, depths=None, seeds=None):
        return read_results(
            self.card, self.models, self.evaluations, depths or self.depths, seeds or self.seeds
        )

    def summarize(self, confidence=0.95) -> None:
        """Do what the stage `summarize` does."""
        card, results = self.results()
        write_json(self.summary, summarize(results))
        write_tables(self.tables, results, card.class_names, confidence, BINS)

    def evidence(self, confidence=0.95) -> Evidence:
        self.summarize(confidence)
        return read_evidence(self.sources, self.depths, self.seeds, confidence)


def write_study(
    root, *, depths=(18, 34, 50), seeds=(0, 1, 2), epochs=6, lossy=False, validation=True,
    shared=(), accuracy=None, train_seconds=None, classes=CLASSES, commit=None,
):  # fmt: skip
    """Write a study's files and return where they lie.

    `accuracy` and `train_seconds` map (depth, seed) to values that replace made-up ones; `shared`
    holds the (depth, seed) whose durations are marked as taken on a shared machine; `commit` is
    what the clocks' records name.
    """
    study = StudyFiles(Path(root), tuple(depths), tuple(seeds))
    environment = ENVIRONMENT | ({"commit": commit} if commit else {})
    write_card(study, lossy, validation, classes)
    write_images(study.sources.images)
    for depth in depths:
        for seed in seeds:
            random = np.random.default_rng([depth, seed])
            step = sorted(PARAMETERS).index(depth)
            reached = (accuracy or {}).get(
                (depth, seed), 0.9 + 0.02 * step + random.normal(0, 0.006)
            )
            seconds = (train_seconds or {}).get(
                (depth, seed), 11.0 * (1 + 0.9 * step) * (1 + random.normal(0, 0.03))
            )
            run = f"resnet{depth}-seed{seed}"
            write_training(study.models / run, depth, seed, epochs, reached, validation, random)
            write_evaluation(study.evaluations / run, depth, seed, reached, classes, random)
            write_durations(
                study.durations / f"{run}.json",
                depth,
                seed,
                epochs,
                seconds,
                (depth, seed) in shared,
                environment,
            )
        write_latency(study.latency / f"resnet{depth}.json", depth, seeds[0], environment)
    return study
