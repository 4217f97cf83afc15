"""Where a published study's numbers come from: its provenance.json."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from resnet_depth.commands.reproducing.code import is_of_commit
from resnet_depth.commands.reproducing.lock import Entry
from resnet_depth.evidence.evidence import Evidence
from resnet_depth.machine.environment import Clocked, MachineClass
from resnet_depth.runs.names import instance, network_name
from resnet_depth.runs.records import Record


class PublishedDataset(Record):
    """What is told of the dataset; its card has more."""

    key: str
    title: str
    lossy: bool
    source: str
    digest: str
    citation: str
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
    depth: int
    seed: int
    precision: str


class InferenceOrigin(Origin):
    """Of a depth's inference times."""

    network: str
    depth: int


class Provenance(Record):
    """What a study is of, and when, by which commit and on what it was made.

    `outputs_md5` is by path, `files_sha256` of each other published file by its name.
    """

    study: str
    dataset: PublishedDataset
    depths: list[int]
    seeds: list[int]
    machine_classes: list[MachineClass]
    training: list[TrainingOrigin]
    inference: list[InferenceOrigin]
    shared_timings: dict[str, list[str]]
    outputs_md5: dict[str, str]
    files_sha256: dict[str, str]


def provenance(
    root: Path,
    study: str,
    evidence: Evidence,
    entries: Mapping[str, Entry],
    digests: Mapping[str, str],
) -> Provenance:
    """Return where a study's numbers come from.

    Args:
        root: Folder of the repository, whose commits the clocks' records name.
        study: The publication's name.
        evidence: What the study rests on.
        entries: Of dvc.lock, of this dataset's stage instances.
        digests: SHA-256 of each published file, by its name.
    """
    key, trainings, inferences = evidence.card.key, evidence.durations, evidence.latency
    machines: list[MachineClass] = []
    for record in (*trainings.values(), *inferences.values()):
        if record.environment.machine_class not in machines:
            machines.append(record.environment.machine_class)

    def origin(kind: type[Origin], record: Clocked, made_by: str) -> dict[str, Any]:
        environment, told = record.environment, set(kind.model_fields)
        return {
            **record.model_dump(include=told),
            **environment.model_dump(include=told),
            "machine_class": machines.index(environment.machine_class),
            "code_is_of_commit": is_of_commit(root, environment.commit, [entries[made_by]]),
        }

    return Provenance(
        study=study,
        dataset=PublishedDataset(
            **evidence.card.model_dump(include=set(PublishedDataset.model_fields))
        ),
        depths=list(evidence.depths),
        seeds=list(evidence.seeds),
        machine_classes=machines,
        training=[
            TrainingOrigin(
                run=run.name, **origin(TrainingOrigin, record, instance("train", key, run))
            )
            for run, record in trainings.items()
        ],
        inference=[
            InferenceOrigin(**origin(InferenceOrigin, record, instance("latency", key, depth)))
            for depth, record in inferences.items()
        ],
        shared_timings={
            "training": [run.name for run, one in trainings.items() if one.shared],
            "inference": [network_name(depth) for depth, one in inferences.items() if one.shared],
        },
        outputs_md5={path: md5 for entry in entries.values() for path, md5 in entry.outs.items()},
        files_sha256=dict(digests),
    )
