"""Where a published study's numbers come from: the content of its provenance.json."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from resnet_depth.evidence.evidence import Evidence
from resnet_depth.machine.environment import Clocked, MachineClass
from resnet_depth.runs.names import network_name
from resnet_depth.training.records import DurationRecord

# What is told of the dataset; its card has more.
DATASET_KEYS = ("key", "title", "lossy", "source", "digest", "citation", "counts")


def origin(
    study: str,
    evidence: Evidence,
    entries: Mapping[str, Mapping[str, Any]],
    digests: Mapping[str, str],
    is_of_commit: Callable[[str | None, list[Mapping[str, Any]]], bool],
) -> dict[str, Any]:
    """Return what a study is of, and when, by which commit and on what it was made.

    Args:
        study: The publication's name.
        evidence: What the study rests on; its clocks' records hold commits, dates and machines.
        entries: Of dvc.lock, of this dataset's stage instances.
        digests: SHA-256 of each published file, by its name.
        is_of_commit: Tells whether the code that entries name is a commit's: where it is, a
            commit that ends in `+changes` is of a tree in which no code was changed.

    Returns:
        JSON-ready values. A timing's `machine_class` is a place in `machine_classes`, from 0.
    """
    card = evidence.card
    trainings, inferences = evidence.durations, evidence.latency
    records: list[Clocked] = [*trainings.values(), *inferences.values()]
    machines = _distinct([record.environment.machine_class for record in records])

    def made(record: Clocked, instance: str) -> dict[str, Any]:
        commit = record.environment.commit
        own = is_of_commit(commit, [entries[instance]])
        return {"commit": commit, "code_is_of_commit": own, **_made(record, machines)}

    return {
        "study": study,
        "dataset": card.model_dump(include=set(DATASET_KEYS)),
        "depths": list(evidence.depths),
        "seeds": list(evidence.seeds),
        "machine_classes": [machine.model_dump() for machine in machines],
        "training": [
            {
                "run": run.name,
                "depth": run.depth,
                "seed": run.seed,
                **made(record, f"train@{card.key}-{run.depth}-{run.seed}"),
            }
            for run, record in trainings.items()
        ],
        "inference": [
            {
                "network": network_name(depth),
                "depth": depth,
                **made(record, f"latency@{card.key}-{depth}"),
            }
            for depth, record in inferences.items()
        ],
        "shared_timings": {
            "training": [run.name for run, one in trainings.items() if one.shared],
            "inference": [network_name(depth) for depth, one in inferences.items() if one.shared],
        },
        "outputs_md5": _outputs(entries),
        "files_sha256": dict(digests),
    }


def _outputs(entries: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """Return the MD5 of each output, by path."""
    outputs = [output for entry in entries.values() for output in entry.get("outs", [])]
    return {output["path"]: output["md5"] for output in outputs}


def _made(record: Clocked, machines: Sequence[MachineClass]) -> dict[str, Any]:
    """Return when and on what one clock was read."""
    environment = record.environment
    precision = record.precision if isinstance(record, DurationRecord) else None
    return {
        "date": environment.date,
        "machine_class": machines.index(environment.machine_class),
        "cores": environment.cores,
        "device": record.device,
        "device_title": record.device_title,
        "threads": record.threads,
        **({"precision": precision} if precision else {}),
        "dvc": environment.dvc,
        "other_load": record.other_load,
        "shared": record.shared,
    }


def _distinct(machines: Sequence[MachineClass]) -> list[MachineClass]:
    """Return the machine classes without repetitions, in order."""
    return [machine for n, machine in enumerate(machines) if machine not in machines[:n]]
