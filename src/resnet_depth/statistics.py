"""What can be said of a mean from few runs: spread, intervals, and differences of two means.

The runs of a depth differ by their seed alone, so all of this is about variation between seeds;
that the test images are themselves a sample is not part of it.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from scipy import stats


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


@dataclass(frozen=True)
class Difference:
    """The mean of a second group minus that of a first, with a two-sided interval.

    `low` and `high` are None where no interval exists: a group of one run, or no spread in either.
    """

    n_first: int
    n_second: int
    difference: float
    low: float | None
    high: float | None


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
    _check(values, confidence)
    n, mean = len(values), math.fsum(values) / len(values)
    if n == 1:
        return Estimate(n, mean, None, None, None)
    sd = math.sqrt(_sum_of_squares(values) / (n - 1))
    half_width = _quantile(confidence, n - 1) * sd / math.sqrt(n)
    return Estimate(n, mean, sd, mean - half_width, mean + half_width)


def estimate_difference(
    first: Sequence[float], second: Sequence[float], confidence: float
) -> Difference:
    """Return the mean of `second` minus that of `first` with Welch's t interval.

    Groups may differ in size and variance: B. L. Welch, "The Generalization of 'Student's'
    Problem when Several Different Population Variances are Involved", Biometrika 34 (1947),
    doi:10.1093/biomet/34.1-2.28; degrees of freedom after F. E. Satterthwaite, Biometrics
    Bulletin 2 (1946), doi:10.2307/3002019.

    Args:
        first: One value a run of the first group, at least one.
        second: The same for the second group, in the same unit.
        confidence: Of the interval, in (0, 1).

    Raises:
        ValueError: If a group is empty, a value isn't finite, or the confidence is out of range.
    """
    _check(first, confidence)
    _check(second, confidence)
    sizes = len(first), len(second)
    difference = math.fsum(second) / sizes[1] - math.fsum(first) / sizes[0]
    if min(sizes) < 2:
        return Difference(*sizes, difference, None, None)
    # Each group's variance of its mean.
    parts = [_sum_of_squares(group) / (len(group) - 1) / len(group) for group in (first, second)]
    if sum(parts) == 0:
        return Difference(*sizes, difference, None, None)
    # Divided by the sum first, so that tiny variances don't vanish when squared.
    shares = [part / sum(parts) for part in parts]
    degrees = 1 / sum(share**2 / (n - 1) for share, n in zip(shares, sizes, strict=True))
    half_width = _quantile(confidence, degrees) * math.sqrt(sum(parts))
    return Difference(*sizes, difference, difference - half_width, difference + half_width)


def pooled_sd(groups: Iterable[Sequence[float]]) -> float | None:
    """Return the standard deviation within groups, pooled over them.

    Args:
        groups: The values of each group; those with one value add nothing.

    Returns:
        The root of the summed squared deviations over the summed n - 1, in the values' unit; None
        if no group has two values.

    Raises:
        ValueError: If a group is empty or a value isn't finite.
    """
    squares, degrees = 0.0, 0
    for group in groups:
        _check_values(group)
        squares += _sum_of_squares(group)
        degrees += len(group) - 1
    return math.sqrt(squares / degrees) if degrees else None


def _quantile(confidence: float, degrees: float) -> float:
    """Return how many standard errors a two-sided t interval reaches to each side."""
    return float(stats.t.ppf((1 + confidence) / 2, degrees))


def _sum_of_squares(values: Sequence[float]) -> float:
    """Return the summed squared deviations from the mean; exactly 0 where all values are equal."""
    if min(values) == max(values):
        return 0.0
    mean = math.fsum(values) / len(values)
    return math.fsum((value - mean) ** 2 for value in values)


def _check(values: Sequence[float], confidence: float) -> None:
    """Refuse what no interval can be made of."""
    _check_values(values)
    if not 0 < confidence < 1:
        raise ValueError(f"confidence must lie in (0, 1), got {confidence}")


def _check_values(values: Sequence[float]) -> None:
    """Refuse a group without values or with one that isn't finite."""
    if not values or not all(math.isfinite(value) for value in values):
        raise ValueError(f"need one or more finite values, got {list(values)}")
