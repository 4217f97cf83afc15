"""What can be said from few runs: spread, intervals, tests, and how many runs would be enough.

An estimate's variance may have several parts, each known with its own degrees of freedom, such as
one from each depth's seeds and one from the test images (see `contrasts`).
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from scipy import stats

MOST_RUNS = 1000


@dataclass(frozen=True)
class Estimate:
    """A mean over n runs with its sample standard deviation and a two-sided interval.

    `sd`, `low` and `high` are None for one run: a single value says nothing about spread.
    """

    n: int
    mean: float
    sd: float | None
    low: float | None
    high: float | None

    @property
    def half_width(self) -> float | None:
        """Half the interval's width, as in «mean ± half width»; None without an interval."""
        return None if self.high is None else self.high - self.mean

    @property
    def beyond_fractions(self) -> bool:
        """Whether the interval of a mean of fractions reaches below 0 or above 1."""
        return self.low is not None and self.high is not None and (self.low < 0 or self.high > 1)


@dataclass(frozen=True)
class Part:
    """A part of an estimate's variance, itself estimated with some degrees of freedom."""

    variance: float
    degrees: float


@dataclass(frozen=True)
class Effect:
    """An estimate with a two-sided interval and test.

    `p_value`, in [0, 1], is that of the hypothesis that the truth is a stated value, usually zero;
    the interval leaves that value out exactly where p is below one minus the confidence.
    """

    estimate: float
    low: float
    high: float
    p_value: float


def estimate_mean(values: Sequence[float], confidence: float) -> Estimate:
    """Return mean, standard deviation and Student's t interval of a group of runs.

    Student, "The Probable Error of a Mean", Biometrika 6 (1908), doi:10.1093/biomet/6.1.1.
    At n = 3 it covers as it says where values are about normal, while a percentile bootstrap
    covers some 74 %.

    Args:
        values: One value a run, at least one, of any unit.
        confidence: Of the interval, in (0, 1), such as 0.95.

    Returns:
        The estimate in the values' unit; the deviation is the sample's (divided by n - 1).

    Raises:
        ValueError: If there are no values, one isn't finite, or the confidence is out of range.
    """
    check_values(values)
    _check_confidence(confidence)
    n, mean = len(values), math.fsum(values) / len(values)
    if n == 1:
        return Estimate(n, mean, None, None, None)
    sd = math.sqrt(_sum_of_squares(values) / (n - 1))
    half_width = _quantile(confidence, n - 1) * sd / math.sqrt(n)
    return Estimate(n, mean, sd, mean - half_width, mean + half_width)


def variance_of_mean(values: Sequence[float]) -> Part:
    """Return the variance of the mean of two or more runs, as their values tell it.

    It is in the values' unit squared, with n - 1 degrees of freedom.

    Raises:
        ValueError: If there are fewer than two values or one isn't finite.
    """
    check_values(values, least=2)
    n = len(values)
    return Part(_sum_of_squares(values) / (n - 1) / n, n - 1)


def effect(
    estimate: float, parts: Iterable[Part], confidence: float, null: float = 0.0
) -> Effect | None:
    """Return an estimate's t interval and test, its variance being the sum of independent parts.

    Degrees of freedom after F. E. Satterthwaite, "An Approximate Distribution of Estimates of
    Variance Components", Biometrics Bulletin 2 (1946), doi:10.2307/3002019; for the difference of
    two means this is B. L. Welch's interval, Biometrika 34 (1947), doi:10.1093/biomet/34.1-2.28.

    Args:
        estimate: Of any unit.
        parts: The parts of its variance, in that unit squared; those of zero add nothing.
        confidence: Of the interval, in (0, 1).
        null: The truth's value under the hypothesis that is tested.

    Returns:
        The effect, or None where the parts show no variance at all: then nothing is known of it.

    Raises:
        ValueError: If the confidence is out of range.
    """
    _check_confidence(confidence)
    counted = [part for part in parts if part.variance > 0]
    if not counted:
        return None
    variance, degrees = _total(counted)
    error = math.sqrt(variance)
    half_width = _quantile(confidence, degrees) * error
    p_value = 2 * float(stats.t.sf(abs(estimate - null) / error, degrees))
    return Effect(estimate, estimate - half_width, estimate + half_width, p_value)


def runs_needed(
    estimate: float, spread: Sequence[float], fixed: Part, confidence: float, power: float
) -> int | None:
    """Return how many runs a group would tell a contrast of group means from zero.

    Taken for granted that the truth is as large as the estimate and the spread as it was found.

    Args:
        estimate: The contrast, of any unit.
        spread: Each group's variance of one run times its squared weight, in that unit squared.
        fixed: The part of the variance that more runs don't lessen, such as that of the images.
        confidence: Of the interval that is to exclude zero, in (0, 1).
        power: How likely it shall do so, in (0, 1).

    Returns:
        The least number from 2 to `MOST_RUNS`, the same for all groups; None if that isn't enough.
    """
    if estimate == 0:
        return None
    for n in range(2, MOST_RUNS + 1):
        parts = [Part(variance / n, n - 1) for variance in spread if variance > 0]
        variance, degrees = _total([*parts, *([fixed] if fixed.variance > 0 else [])])
        reach = _quantile(confidence, degrees) + float(stats.t.ppf(power, degrees))
        if abs(estimate) >= reach * math.sqrt(variance):
            return n
    return None


def pooled_sd(groups: Iterable[Sequence[float]]) -> float | None:
    """Return the standard deviation within groups, pooled over them.

    The root of the summed squared deviations over the summed n - 1, in the values' unit; groups
    with one value add nothing, and it is None if no group has two.

    Raises:
        ValueError: If a group is empty or a value isn't finite.
    """
    squares, degrees = 0.0, 0
    for group in groups:
        check_values(group)
        squares += _sum_of_squares(group)
        degrees += len(group) - 1
    return math.sqrt(squares / degrees) if degrees else None


def _total(parts: Sequence[Part]) -> tuple[float, float]:
    """Return the sum of variances and Satterthwaite's degrees of freedom; none may be zero."""
    if not parts:
        return 0.0, math.inf
    variance = math.fsum(part.variance for part in parts)
    # Divided by the sum first, so that tiny variances don't vanish when squared.
    return variance, 1 / sum((part.variance / variance) ** 2 / part.degrees for part in parts)


def _quantile(confidence: float, degrees: float) -> float:
    """Return how many standard errors a two-sided t interval reaches to each side."""
    return float(stats.t.ppf((1 + confidence) / 2, degrees))


def _sum_of_squares(values: Sequence[float]) -> float:
    """Return the summed squared deviations from the mean; exactly 0 where all values are equal."""
    if min(values) == max(values):
        return 0.0
    mean = math.fsum(values) / len(values)
    return math.fsum((value - mean) ** 2 for value in values)


def _check_confidence(confidence: float) -> None:
    """Refuse a confidence that is none."""
    if not 0 < confidence < 1:
        raise ValueError(f"confidence must lie in (0, 1), got {confidence}")


def check_values(values: Sequence[float], least: int = 1) -> None:
    """Refuse a group with fewer values than that or with one that isn't finite."""
    if len(values) < least or not all(map(math.isfinite, values)):
        raise ValueError(f"need {least} or more finite values, got {list(values)}")
