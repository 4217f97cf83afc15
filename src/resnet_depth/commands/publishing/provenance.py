"""Where a published study's numbers come from: its provenance.json."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from resnet_depth.base.sections import Digest
from resnet_depth.commands.reproducing.code import is_of_commit
from resnet_depth.commands.reproducing.lock import Entry
from resnet_depth.evidence.evidence import StudyEvidence
from resnet_depth.latency.records import pruned_latency_instance
from resnet_depth.machine.records import Clocked, MachineClass
from resnet_depth.runs.names import Network, Run, instance
from resnet_depth.runs.records import R, Record
from resnet_depth.training.settings import REFERENCE

PROVENANCE = "provenance.json"


class PublishedDataset(Record):
    """What is told of the dataset; its card has more."""

    key: str
    title: str
    lossy: bool
    source: str | None
    digest: Digest
    citation: str | None
    counts: dict[str, int]


class Origin(Record):
    """When, by which commit and on what a clock was read; a `machine_class` is a place from 0.

    `code_is_of_commit`: all code that the stage depends on is the commit's, also where the commit
    ends in `+changes`.
    """

    commit: str | None
    code_is_of_commit: bool
    date: str
    machine_class: int
    cores: int
    device: str
    device_title: str
    threads: int
    dvc: str
    other_load: float
    shared: bool


class TrainingOrigin(Origin):
    """Of a run's training."""

    run: str
    recipe: str = REFERENCE
    depth: int
    seed: int
    precision: str


class InferenceOrigin(Origin):
    """Of a depth's inference times, or of those of its pruned networks."""

    recipe: str = REFERENCE
    network: str
    depth: int


class Provenance(Record):
    """What a study is of, and when, by which commit and on what it was made.

    Studies published before there were recipes don't name theirs, which was the reference; nor had
    any pruned networks that were timed.
    `outputs_md5` is by path, `files_sha256` of each other published file by its name.
    """

    study: str
    dataset: PublishedDataset
    recipes: tuple[str, ...] = (REFERENCE,)
    depths: list[int]
    seeds: list[int]
    machine_classes: list[MachineClass]
    training: list[TrainingOrigin]
    inference: list[InferenceOrigin]
    pruned_inference: Sequence[InferenceOrigin] = ()
    shared_timings: dict[str, list[str]]
    outputs_md5: dict[str, str]
    files_sha256: dict[str, str]


def provenance(
    root: Path,
    study: str,
    evidence: StudyEvidence,
    entries: Mapping[str, Entry],
    digests: Mapping[str, str],
) -> Provenance:
    """Return where the numbers of the publication named `study` come from.

    The repository at `root` has the commits that the clocks' records name; `entries` are dvc.lock's
    of this dataset, `digests` the SHA-256 of each published file by its name.
    """
    card = evidence.first.card
    parts = evidence.by_recipe.items()
    trainings = {run: found for _, part in parts for run, found in part.durations.items()}
    clocks = (*trainings.values(), *(found for _, part in parts for found in part.inferences))
    machines = [record.environment.machine_class for record in clocks]
    distinct = [machine for n, machine in enumerate(machines) if machine not in machines[:n]]

    def origin(kind: type[R], record: Clocked, made_by: str) -> R:
        environment = record.environment
        known = {
            "run": Run(record.recipe, record.depth, record.seed).name,
            "machine_class": distinct.index(environment.machine_class),
            "code_is_of_commit": is_of_commit(root, environment.commit, [entries[made_by]]),
        }
        return _taken(kind, record.model_dump() | environment.model_dump() | known)

    training = [
        origin(TrainingOrigin, found, instance("train", card.key, run))
        for run, found in trainings.items()
    ]
    inference = [
        origin(InferenceOrigin, found, instance("latency", card.key, Network(recipe, depth)))
        for recipe, part in parts
        for depth, found in part.latency.items()
    ]
    pruned_inference = [
        origin(InferenceOrigin, found, pruned_latency_instance(card.key, Network(recipe, depth)))
        for recipe, part in parts
        for depth, found in part.pruned_latency.items()
    ]
    return Provenance(
        study=study,
        dataset=_taken(PublishedDataset, card.model_dump()),
        recipes=list(evidence.recipes),
        depths=list(evidence.first.depths),
        seeds=list(evidence.first.seeds),
        machine_classes=distinct,
        training=training,
        inference=inference,
        pruned_inference=pruned_inference,
        shared_timings={
            "training": [each.run for each in training if each.shared],
            "inference": _shared(inference),
            "pruned_inference": _shared(pruned_inference),
        },
        outputs_md5={path: md5 for entry in entries.values() for path, md5 in entry.outs.items()},
        files_sha256=dict(digests),
    )


def _shared(origins: Sequence[InferenceOrigin]) -> list[str]:
    """Return the networks that were timed while others used the machine."""
    return [Network(each.recipe, each.depth).name for each in origins if each.shared]


def _taken(kind: type[R], values: Mapping[str, Any]) -> R:
    """Return a record of those of some values that are among its fields."""
    return kind(**{name: values[name] for name in kind.model_fields})
