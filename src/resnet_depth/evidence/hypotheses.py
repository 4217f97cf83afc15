"""Tests of hypotheses: one pair of networks on the same images, and many tests at once."""

from collections.abc import Sequence

from scipy import stats


def holm(p_values: Sequence[float]) -> list[float]:
    """Return p values corrected for their number, so that a false finding stays as rare in all.

    S. Holm, "A Simple Sequentially Rejective Multiple Test Procedure", Scandinavian Journal of
    Statistics 6 (1979), jstor:4615733.

    Args:
        p_values: In [0, 1], one a test.

    Returns:
        The corrected values in the same order, each at least as large as before and at most 1.
    """
    corrected = [0.0] * len(p_values)
    largest = 0.0
    for rank, place in enumerate(sorted(range(len(p_values)), key=p_values.__getitem__)):
        largest = max(largest, min(1.0, (len(p_values) - rank) * p_values[place]))
        corrected[place] = largest
    return corrected


def mcnemar(first_only: int, second_only: int) -> float:
    """Return the exact p value of McNemar's test that two networks err equally often.

    It is of these two networks on images like the tested ones; that other seeds would give other
    networks is not part of it. Q. McNemar, Psychometrika 12 (1947), doi:10.1007/BF02295996.

    Args:
        first_only: How many images the first network alone gets right.
        second_only: How many the second alone does.

    Returns:
        Two-sided, in [0, 1]; 1 where the networks differ on no image.

    Raises:
        ValueError: If a count is negative.
    """
    if min(first_only, second_only) < 0:
        raise ValueError(f"need counts, got {first_only} and {second_only}")
    differing = first_only + second_only
    return float(stats.binomtest(first_only, differing).pvalue) if differing else 1.0
