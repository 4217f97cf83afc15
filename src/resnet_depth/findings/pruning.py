"""What can be left out of a trained network, and what that costs in validation accuracy.

A level is compared with the network that nothing was taken from and that was tuned just as long,
seed by seed: more training helps that one too. The interval is Student's t over the seeds'
differences, on these very validation images; nothing is corrected for how many levels there are.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from resnet_depth.evidence.evidence import Evidence
from resnet_depth.evidence.statistics import Estimate, effect, estimate_mean, variance_of_mean
from resnet_depth.latency.records import PrunedLatencyRecord
from resnet_depth.pruning.settings import Choice, Kind


@dataclass(frozen=True)
class PairedDifference:
    """A mean difference of accuracies (fractions) over seeds, paired.

    `low` and `high` are None for one seed, or where all seeds differ alike: then nothing is known
    of the spread.
    """

    mean: float
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Speed:
    """How fast what is left answers in its deployed form: the network of the study's first seed.

    `single_seconds` is the median time of `single_images` images at once; `images_per_second` are
    done with `batched_images` at once. `shared` tells that others used the machine meanwhile, so
    that nothing is said by it.
    """

    single_images: int
    single_seconds: float
    batched_images: int
    images_per_second: float
    shared: bool


@dataclass(frozen=True)
class LevelFinding:
    """What is left at a level, alike for all seeds, and how accurate that is on validation images.

    See `LevelRecord`; `nonzero_parameters` is the least of the seeds'. `difference` is that of the
    tuned accuracy to the exact network's; None for the full network and the exact one themselves.
    `timings` is None where nothing was timed: the full network, and what chance chose.
    """

    kind: str
    chosen_by: str
    share: float
    parameters: int
    nonzero_parameters: int
    macs: int
    file_bytes: int
    at_once: Estimate
    recalibrated: Estimate | None
    tuned: Estimate | None
    difference: PairedDifference | None
    timings: Speed | None


@dataclass(frozen=True)
class Control:
    """How much more accurate, tuned, a network is whose channels went by L2 norm, not by chance."""

    kind: str
    share: float
    difference: PairedDifference


@dataclass(frozen=True)
class PruningFinding:
    """What was found of one depth; `margin` is the loss of accuracy (fraction) that is allowed."""

    depth: int
    margin: float
    confidence: float
    levels: tuple[LevelFinding, ...]
    controls: tuple[Control, ...]

    def of(self, kind: Kind, chosen_by: Choice) -> list[LevelFinding]:
        """Return the levels of one kind and choice, the smallest share first."""
        own = [e for e in self.levels if (e.kind, e.chosen_by) == (kind, chosen_by)]
        return sorted(own, key=lambda level: level.share)

    @property
    def full(self) -> LevelFinding:
        """The network with its dead taps."""
        return next(level for level in self.levels if level.kind == "full")

    @property
    def exact(self) -> LevelFinding:
        """The network without them, which all else is compared with."""
        return next(level for level in self.levels if level.kind == "exact")


def find_pruning(evidence: Evidence, margin: float) -> tuple[PruningFinding, ...]:
    """Return what was found of each depth that was pruned; nothing where none was."""
    table, confidence = evidence.pruning, evidence.confidence
    return tuple(
        _of_depth(depth := int(str(key)), rows, evidence.pruned_latency[depth], margin, confidence)
        for key, rows in table.groupby("depth", sort=True)
    )


def _of_depth(
    depth: int,
    table: pd.DataFrame,
    timed: PrunedLatencyRecord,
    margin: float,
    confidence: float,
) -> PruningFinding:
    groups = {
        (str(kind), str(choice), float(str(share))): rows.sort_values("seed")
        for (kind, choice, share), rows in table.groupby(["kind", "chosen_by", "share"], sort=False)
    }
    tuned = {key: rows["tuned_accuracy"].tolist() for key, rows in groups.items()}
    reference, speeds = tuned["exact", "nothing", 0.0], _speeds(timed)
    levels = []
    for key, rows in groups.items():
        measured = rows["tuned_accuracy"].notna().all()
        pruned = key[2] > 0
        levels.append(
            LevelFinding(
                *key,
                parameters=int(rows["parameters"].iloc[0]),
                nonzero_parameters=int(rows["nonzero_parameters"].min()),
                macs=int(rows["macs"].iloc[0]),
                file_bytes=int(rows["file_bytes"].iloc[0]),
                at_once=estimate_mean(rows["at_once_accuracy"].tolist(), confidence),
                recalibrated=estimate_mean(rows["recalibrated_accuracy"].tolist(), confidence)
                if measured
                else None,
                tuned=estimate_mean(tuned[key], confidence) if measured else None,
                difference=_difference(tuned[key], reference, confidence) if pruned else None,
                timings=speeds.get(key),
            )
        )
    controls = tuple(
        Control(kind, share, _difference(tuned[kind, choice, share], by_chance, confidence))
        for (kind, choice, share) in groups
        if choice == "l2" and (by_chance := tuned.get((kind, "random", share)))
    )
    return PruningFinding(depth, margin, confidence, tuple(levels), controls)


def _speeds(timed: PrunedLatencyRecord) -> dict[tuple[str, str, float], Speed]:
    """Return how fast each level that was timed is, by kind, choice and share."""
    return {
        (each.kind, each.chosen_by, each.share): Speed(
            single_images=each.timings.single.batch_size,
            single_seconds=each.timings.single.median_seconds,
            batched_images=each.timings.batched.batch_size,
            images_per_second=each.timings.batched.images_per_second,
            shared=timed.shared,
        )
        for each in timed.levels
    }


def _difference(
    values: Sequence[float], others: Sequence[float], confidence: float
) -> PairedDifference:
    """Return the mean difference of two levels, whose seeds are in the same order."""
    pairs = [value - other for value, other in zip(values, others, strict=True)]
    mean = sum(pairs) / len(pairs)
    found = effect(mean, [variance_of_mean(pairs)], confidence) if len(pairs) > 1 else None
    return PairedDifference(mean, found.low if found else None, found.high if found else None)
