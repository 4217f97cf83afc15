"""Differences of mean test accuracy between networks, and the words they are told in."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from resnet_depth.evidence.contrasts import K, Means
from resnet_depth.evidence.hypotheses import holm
from resnet_depth.evidence.wording import decimal, interval_name, p_value_text, points


@dataclass(frozen=True)
class TestedDifference:
    """A difference of mean test accuracies (fractions).

    `low`, `high` and the p values are None where the spread between seeds isn't known; it is
    `beyond_chance` where the interval leaves out zero and the corrected p value is small enough.
    """

    depths: tuple[int, ...]
    difference: float
    low: float | None = None
    high: float | None = None
    p_value: float | None = None
    holm_p_value: float | None = None
    beyond_chance: bool = False


def differences(
    means: Means[K],
    weights: Mapping[tuple[int, ...], Mapping[K, float]],
    confidence: float,
) -> tuple[TestedDifference, ...]:
    """Return the difference that each depths' weights of networks, or of other groups, make.

    p values are corrected for their number; `confidence`, in (0, 1), is of their intervals.
    """
    effects = {depths: means.contrast(each, confidence) for depths, each in weights.items()}
    corrected = iter(holm([found.p_value for found in effects.values() if found]))
    made = []
    for depths, found in effects.items():
        told: tuple[Any, ...] = ()
        if found is not None:
            p = next(corrected)
            beyond = not found.low <= 0 <= found.high and p < 1 - confidence
            told = found.low, found.high, found.p_value, p, beyond
        made.append(TestedDifference(depths, means.value(weights[depths]), *told))
    return tuple(made)


def more_or_less(found: TestedDifference) -> str:
    """Return a difference's size and direction, such as `1.2 points more`."""
    size = decimal(100 * abs(found.difference))
    return f"{size} points {'less' if found.difference < 0 else 'more'}"


def how_sure(found: TestedDifference, confidence: float) -> str:
    """Return how sure a difference is, with its interval."""
    if found.low is None or found.high is None or found.holm_p_value is None:
        return "; too few runs, or identical ones, to rule out chance"
    interval = f"{interval_name(confidence)} {points(found.low)} to {points(found.high)}"
    sure = "beyond chance" if found.beyond_chance else "which may be chance"
    return f", {sure} ({interval}; corrected p {p_value_text(found.holm_p_value)})"
