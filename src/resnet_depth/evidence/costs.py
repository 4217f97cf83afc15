"""What a depth costs: training time over seeds, inference time and size, with their conditions."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NamedTuple

from resnet_depth.base.files import write_json
from resnet_depth.data.prepared import DatasetCard
from resnet_depth.evidence.evidence import Evidence
from resnet_depth.evidence.statistics import Estimate, estimate_mean
from resnet_depth.evidence.wording import duration_unit, listed, percent
from resnet_depth.export.records import ExportRecord
from resnet_depth.latency.records import InferenceRecord, LatencyRecord, deployed_as_onnx
from resnet_depth.runs.names import network_name
from resnet_depth.training.records import DurationRecord, TrainingRecord

# What costs.json tells of a depth, of each run and of its latency, in this order.
_SIZE = ("parameters", "live_parameters", "macs", "live_macs")
_RUN = ("seed", "train_seconds", "images_per_second", "other_load", "shared")
_LATENCY = (
    *("seed", "image_size", "other_load", "shared", "deployed_by", "band", "plain", "deployed"),
    *("int8", "largest_output_difference", "largest_output"),
)
_EXPORT = (
    *("pixels", "calibration_images", "validation_images", "validation_accuracy"),
    *("onnx_validation_accuracy", "int8_validation_accuracy", "files"),
)
# Why a timing isn't compared, in words that say what to do about it.
BUSY = "others used the machine; repeat when idle"
# What is read for figures and would only fill it.
_EVERY_RUN = {"single": {"seconds"}, "batched": {"seconds"}}


class Conditions(NamedTuple):
    """What a clock was read on; readings compare only where these are equal.

    `packages` are pairs of name and version, `variables` of name and value, in the record's order;
    for the latter see `MachineClass`.
    """

    device: str
    device_title: str
    threads: int
    precision: str
    processor: str
    cores: int
    system: str
    architecture: str
    python: str
    packages: tuple[tuple[str, str], ...]
    variables: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Cost:
    """What a depth costs by one recipe.

    The estimates, with intervals of that `confidence`, are over the runs that had the machine for
    themselves, and None if none had; `runs` are all of them, one a seed. `size` counts parameters
    and MACs, see `TrainingRecord`; `export` and `latency` are of the first seed's network.
    """

    depth: int
    confidence: float
    size: TrainingRecord
    runs: tuple[DurationRecord, ...]
    export: ExportRecord
    latency: LatencyRecord

    @property
    def counted(self) -> list[DurationRecord]:
        """The runs that had the machine for themselves."""
        return [run for run in self.runs if not run.shared]

    @property
    def train_seconds(self) -> Estimate | None:
        """The training time."""
        return self._estimate([run.train_seconds for run in self.counted])

    @property
    def images_per_second(self) -> Estimate | None:
        """The images trained on in a second."""
        return self._estimate([run.images_per_second for run in self.counted])

    @property
    def shared_runs(self) -> int:
        """How many runs were timed while others used the machine, hence aren't counted."""
        return len(self.runs) - len(self.counted)

    @property
    def conditions(self) -> list[Conditions]:
        """The distinct conditions of the counted trainings, in the runs' order."""
        return list(dict.fromkeys(map(conditions, self.counted)))

    def _estimate(self, values: list[float]) -> Estimate | None:
        return estimate_mean(values, self.confidence) if values else None


def conditions(record: DurationRecord | InferenceRecord) -> Conditions:
    """Return what a clock was read on."""
    machine = record.environment.machine_class
    return Conditions(
        **record.model_dump(include={"device", "device_title", "threads"}),
        precision=record.precision if isinstance(record, DurationRecord) else record.dtype,
        cores=record.environment.cores,
        **machine.model_dump(include={"processor", "system", "architecture", "python"}),
        packages=tuple(machine.packages.items()),
        variables=tuple(machine.variables.items()),
    )


def costs_of(evidence: Evidence) -> list[Cost]:
    """Return the cost of each depth by one recipe, ascending."""
    lasted = evidence.durations.items()
    return [
        Cost(
            depth,
            evidence.confidence,
            evidence.training(depth),
            tuple(record for run, record in lasted if run.depth == depth),
            evidence.exports[depth],
            evidence.latency[depth],
        )
        for depth in evidence.depths
    ]


def shown_train_seconds(cost: Cost) -> float:
    """Return the mean training time that is shown: of runs that count, or of all if none does."""
    if cost.train_seconds is not None:
        return cost.train_seconds.mean
    return math.fsum(run.train_seconds for run in cost.runs) / len(cost.runs)


def training_unit(costs: Sequence[Cost]) -> tuple[float, str]:
    """Return the unit for training times side by side: its length in seconds and its name.

    It suits the shortest, which would lose its digits in the unit of the longest.
    """
    return duration_unit(min(map(shown_train_seconds, costs)))


def batch_sizes(records: Sequence[InferenceRecord], timing: str) -> str:
    """Return the batch sizes of a timing, `single` or `batched`, as text; usually it is one."""
    sizes = {getattr(record.plain, timing).batch_size for record in records}
    return listed([str(size) for size in sorted(sizes)])


def deployed_form(records: Sequence[InferenceRecord]) -> str:
    """Return what the deployed form of the networks is, in words."""
    by = listed(sorted({record.deployed_by for record in records}))
    file = "an ONNX file run" if deployed_as_onnx(records[0].device) else "the network run"
    return f"{file} by {by}, with live taps only and batch norm folded"


def sessions(records: Sequence[InferenceRecord]) -> str:
    """Return in how many sessions inference was timed, such as `3 sessions`, and which count."""
    every = [
        times.counted for record in records for times in (record.plain.single, record.plain.batched)
    ]
    numbers = listed([str(number) for number in sorted({len(each) for each in every})])
    text = f"{numbers} session{'' if numbers == '1' else 's'}"
    least = min(map(sum, every))
    return text if all(map(all, every)) else f"{text}, at least {least} of which count"


def sessions_told(records: Sequence[InferenceRecord]) -> str:
    """Return a sentence on the sessions that inference was timed in, and which of them count."""
    return (
        f"Times are medians of {sessions(records)}. A session counts if the plain network's median "
        f"is within {percent(records[0].band, 0)} of the median of all sessions."
    )


def hardware(records: Iterable[DurationRecord | InferenceRecord]) -> str:
    """Return in a few words what clocks were read on, for a figure's subtitle."""
    titles = {
        f"{found.threads} CPU threads, {found.precision}"
        if found.device == "cpu"
        else f"{found.device_title}, {found.precision}"
        for found in map(conditions, records)
    }
    return " or ".join(sorted(titles))


def describe_conditions(found: Conditions) -> str:
    """Return conditions in words: device, threads, precision, system and versions."""
    named = found.processor
    if found.device != "cpu":
        named = f"{found.device_title} (host: {found.processor})"
    packages = ", ".join(f"{name} {version}" for name, version in found.packages)
    variables = "".join(f", {name}={value}" for name, value in found.variables)
    return (
        f"{named}, {found.threads} CPU threads of {found.cores}, {found.precision}; {found.system} "
        f"{found.architecture}, Python {found.python}, {packages}{variables}"
    )


def write_costs(path: Path, costs: Sequence[Cost], card: DatasetCard) -> None:
    """Write the costs, of all recipes, as JSON.

    The distinct machine classes on which networks were trained tell where equal bytes can be had.
    """
    machines = [run.environment.machine_class.model_dump() for cost in costs for run in cost.runs]
    distinct = [machine for n, machine in enumerate(machines) if machine not in machines[:n]]
    rows = [_as_json(cost, card) for cost in costs]
    write_json(path, {"machine_classes": distinct, "costs": rows})


def _as_json(cost: Cost, card: DatasetCard) -> dict[str, Any]:
    """Return a depth's cost as JSON-ready values."""
    without = dict.fromkeys(("plain", "deployed", "int8"), _EVERY_RUN)
    latency = cost.latency.model_dump(exclude=without)
    timed_on = _conditions_as_json(conditions(cost.latency))
    return {
        "dataset": card.key,
        "lossy": card.lossy,
        "recipe": cost.size.recipe,
        "network": network_name(cost.depth),
        "depth": cost.depth,
        "confidence": cost.confidence,
        **{name: getattr(cost.size, name) for name in _SIZE},
        "runs_counted": len(cost.counted),
        "runs_shared": cost.shared_runs,
        "train_seconds": asdict(cost.train_seconds) if cost.train_seconds else None,
        "images_per_second": asdict(cost.images_per_second) if cost.images_per_second else None,
        "runs": [{name: getattr(run, name) for name in _RUN} for run in cost.runs],
        "training_conditions": [_conditions_as_json(found) for found in cost.conditions],
        "export": cost.export.model_dump(include=set(_EXPORT)),
        "latency": {name: latency[name] for name in _LATENCY} | {"conditions": timed_on},
    }


def _conditions_as_json(found: Conditions) -> dict[str, Any]:
    """Return conditions as JSON-ready values, packages and variables as mappings."""
    return found._asdict() | {
        "packages": dict(found.packages),
        "variables": dict(found.variables),
    }
