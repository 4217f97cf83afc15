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
from resnet_depth.evidence.wording import (
    count,
    decimal,
    interval_name,
    listed,
    network_title,
    points,
)
from resnet_depth.pruning.settings import Choice, Kind

# Of which a share goes, by kind.
WHAT = {
    "inner": "channels inside blocks",
    "groups": "channels inside blocks and along shortcuts",
    "weights": "single weights",
}
# What decides which of them go.
BY = {"l2": "L2 norm", "magnitude": "magnitude", "random": "chance"}


@dataclass(frozen=True)
class Difference:
    """A mean difference of accuracies (fractions) over seeds, paired.

    `low` and `high` are None for one seed, or where all seeds differ alike: then nothing is known
    of the spread.
    """

    mean: float
    low: float | None
    high: float | None


@dataclass(frozen=True)
class LevelFinding:
    """What is left at a level, alike for all seeds, and how accurate that is on validation images.

    See `LevelRecord`; `nonzero_parameters` is the least of the seeds'. `difference` is that of the
    tuned accuracy to the exact network's; None for the full network and the exact one themselves.
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
    difference: Difference | None


@dataclass(frozen=True)
class Control:
    """How much more accurate, tuned, a network is whose channels went by L2 norm, not by chance."""

    kind: str
    share: float
    difference: Difference


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
        _of_depth(int(str(depth)), rows, margin, confidence)
        for depth, rows in table.groupby("depth", sort=True)
    )


def _of_depth(depth: int, table: pd.DataFrame, margin: float, confidence: float) -> PruningFinding:
    groups = {
        (str(kind), str(choice), float(str(share))): rows.sort_values("seed")
        for (kind, choice, share), rows in table.groupby(["kind", "chosen_by", "share"], sort=False)
    }
    tuned = {key: rows["tuned_accuracy"].tolist() for key, rows in groups.items()}
    reference = tuned["exact", "nothing", 0.0]
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
            )
        )
    controls = tuple(
        Control(kind, share, _difference(tuned[kind, choice, share], by_chance, confidence))
        for (kind, choice, share) in groups
        if choice == "l2" and (by_chance := tuned.get((kind, "random", share)))
    )
    return PruningFinding(depth, margin, confidence, tuple(levels), controls)


def _difference(values: Sequence[float], others: Sequence[float], confidence: float) -> Difference:
    """Return the mean difference of two levels, whose seeds are in the same order."""
    pairs = [value - other for value, other in zip(values, others, strict=True)]
    mean = sum(pairs) / len(pairs)
    found = effect(mean, [variance_of_mean(pairs)], confidence) if len(pairs) > 1 else None
    return Difference(mean, found.low if found else None, found.high if found else None)


def share_text(share: float) -> str:
    """Return a share with all its digits, such as `97.5%`."""
    return f"{100 * share:g}%"


def pruning_sentences(found: PruningFinding) -> tuple[str, ...]:
    """Return a sentence on dead taps, one on each kind of pruning, and one on each control."""
    kinds: list[tuple[Kind, Choice]] = [
        ("inner", "l2"),
        ("groups", "l2"),
        ("weights", "magnitude"),
    ]
    return (
        _on_dead_taps(found),
        *(_on_kind(found, levels) for kind in kinds if (levels := found.of(*kind))),
        *(_on_control(found, control) for control in found.controls),
    )


def _on_dead_taps(found: PruningFinding) -> str:
    name, dead = network_title(found.depth), found.full.parameters - found.exact.parameters
    if not dead:
        return f"{name} has no dead taps at this image size."
    return (
        f"{count(dead)} of {name}'s {count(found.full.parameters)} parameters are dead taps: "
        "without them its outputs are the same, up to round-off."
    )


def _on_kind(found: PruningFinding, levels: Sequence[LevelFinding]) -> str:
    """Return how much of one kind can go within the margin, as far as that was tried."""
    what, by = WHAT[levels[0].kind], BY[levels[0].chosen_by]
    margin = f"{decimal(100 * found.margin)} points of validation accuracy"
    differences = [(level, level.difference) for level in levels if level.difference]
    shown = [(one, d) for one, d in differences if d.low is not None and d.low >= -found.margin]
    by_mean = [(one, d) for one, d in differences if d.mean >= -found.margin]
    if not by_mean:
        level, difference = differences[0]
        tried = listed([share_text(each.share) for each in levels])
        return (
            f"Of {what}, by {by}, no share tried ({tried}) goes within {margin}, by the mean: "
            f"without {share_text(level.share)} it changed by {_told(found, difference)}."
        )
    level, difference = (shown or by_mean)[-1]
    told = f"{_told(found, difference)}{'' if shown else ', which leaves it open'}"
    return (
        f"{share_text(level.share)} of {what}, by {by}, {'can' if shown else 'may'} go within "
        f"{margin} ({told}): {_left(found, level)}."
    )


def _on_control(found: PruningFinding, control: Control) -> str:
    difference = control.difference
    settled = difference.low is not None and difference.high is not None
    beyond = settled and not (difference.low or 0) <= 0 <= (difference.high or 0)
    return (
        f"To choose {share_text(control.share)} of {WHAT[control.kind]} by L2 norm, not by chance, "
        f"brought {_told(found, difference)}: "
        f"{'beyond chance' if beyond else 'not told from chance'}."
    )


def _left(found: PruningFinding, level: LevelFinding) -> str:
    """Return what is left of a network at a level."""
    exact = found.exact
    if level.kind == "weights":
        return (
            f"{count(level.nonzero_parameters)} of {count(exact.parameters)} parameters aren't "
            "zero; neither the file nor the work is less"
        )
    return (
        f"{count(level.parameters)} of {count(exact.parameters)} parameters and "
        f"{count(level.macs)} of {count(exact.macs)} multiply-adds are left"
    )


def _told(found: PruningFinding, difference: Difference) -> str:
    """Return a difference in points, with its interval where there is one."""
    mean = f"{points(difference.mean)} points"
    if difference.low is None or difference.high is None:
        return f"{mean}, without an interval"
    ends = f"{points(difference.low)} to {points(difference.high)}"
    return f"{mean}, {interval_name(found.confidence)} {ends}"
