"""What was found of pruning, in sentences: what can go, what that leaves, and what it buys."""

from collections.abc import Sequence

from resnet_depth.evidence.wording import (
    count,
    decimal,
    duration,
    interval_name,
    listed,
    network_title,
    percent,
    points,
    significant,
)
from resnet_depth.findings.pruning import Control, LevelFinding, PairedDifference, PruningFinding
from resnet_depth.pruning.settings import Choice, Kind

# Of which a share goes, by kind.
WHAT = {
    "inner": "channels inside blocks",
    "groups": "channels inside blocks and along shortcuts",
    "weights": "single weights",
}
# What decides which of them go.
BY = {"l2": "L2 norm", "magnitude": "magnitude", "random": "chance"}


def share_text(share: float) -> str:
    """Return a share with all its digits, such as `97.5%`."""
    return f"{100 * share:g}%"


def pruning_sentences(found: PruningFinding) -> tuple[str, ...]:
    """Return sentences on dead taps, on tuning, on each kind of pruning, and on each control."""
    kinds: list[tuple[Kind, Choice]] = [
        ("inner", "l2"),
        ("groups", "l2"),
        ("weights", "magnitude"),
    ]
    return (
        _on_dead_taps(found),
        *_on_tuning(found),
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


def _on_tuning(found: PruningFinding) -> list[str]:
    """Return what training further does to a network that lost nothing, if that was done.

    A schedule that begins anew at its full rate can cost more than what goes.
    """
    if found.exact.tuned is None:
        return []
    before, after = (percent(each.mean) for each in (found.exact.at_once, found.exact.tuned))
    return [
        f"Tuning alone, with nothing left out, takes {network_title(found.depth)} from {before} to "
        f"{after}; all changes below are against that."
    ]


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
            f"zero; neither the file nor the work is less{_answers(found, level)}"
        )
    return (
        f"{count(level.parameters)} of {count(exact.parameters)} parameters and "
        f"{count(level.macs)} of {count(exact.macs)} multiply-adds are left"
        f"{_answers(found, level)}"
    )


def _answers(found: PruningFinding, level: LevelFinding) -> str:
    """Return how fast a level answers beside the exact network; nothing where that isn't known.

    Where single weights are zero as much is computed: what two times differ by is the clock's.
    """
    now, before = level.timings, found.exact.timings
    if now is None or before is None or now.shared:
        return ""
    one = "an image takes" if now.single_images == 1 else f"{now.single_images} images take"
    single, single_before = duration(now.single_seconds), duration(before.single_seconds)
    rates = significant(now.images_per_second), significant(before.images_per_second)
    batches = f"batches of {now.batched_images} do"
    if level.kind == "weights":
        return (
            f", nor is it faster: {one} {single} ({single_before} without the zeros), and "
            f"{batches} {rates[0]} images/s ({rates[1]})"
        )
    return (
        f"; {one} {single} instead of {single_before}, and {batches} {rates[0]} images/s instead "
        f"of {rates[1]}"
    )


def _told(found: PruningFinding, difference: PairedDifference) -> str:
    """Return a difference in points, with its interval where there is one."""
    mean = f"{points(difference.mean)} points"
    if difference.low is None or difference.high is None:
        return f"{mean}, without an interval"
    ends = f"{points(difference.low)} to {points(difference.high)}"
    return f"{mean}, {interval_name(found.confidence)} {ends}"
