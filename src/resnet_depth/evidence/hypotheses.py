"""Tests of hypotheses: of two networks, of two groups of runs, and of many at once."""

import math
from collections.abc import Sequence

import numpy as np
from scipy import stats

from resnet_depth.evidence.statistics import check_values

# All divisions of two groups of nine runs; of larger groups as many are drawn, always the same.
MOST_DIVISIONS = math.comb(18, 9)


def holm(p_values: Sequence[float]) -> list[float]:
    """Return p values corrected for their number, so that a false finding stays as rare in all.

    S. Holm, "A Simple Sequentially Rejective Multiple Test Procedure", Scandinavian Journal of
    Statistics 6 (1979), jstor:4615733. Values are in [0, 1], one a test; the corrected ones come in
    the same order, each at least as large as before.
    """
    corrected = [0.0] * len(p_values)
    largest = 0.0
    for rank, place in enumerate(sorted(range(len(p_values)), key=p_values.__getitem__)):
        largest = max(largest, min(1.0, (len(p_values) - rank) * p_values[place]))
        corrected[place] = largest
    return corrected


def mcnemar(first_only: int, second_only: int) -> float:
    """Return the exact p value of McNemar's test that two networks err equally often.

    From how many images each of them alone gets right; two-sided, in [0, 1], and 1 where there are
    none. It is of these two networks on images like the tested ones; that other seeds would give
    other networks is not part of it. Q. McNemar, Psychometrika 12 (1947), doi:10.1007/BF02295996.

    Raises:
        ValueError: If a count is negative.
    """
    if min(first_only, second_only) < 0:
        raise ValueError(f"need counts, got {first_only} and {second_only}")
    differing = first_only + second_only
    return float(stats.binomtest(first_only, differing).pvalue) if differing else 1.0


def permutation_p_value(first: Sequence[float], second: Sequence[float]) -> float:
    """Return the p value of the permutation test that two groups of runs have one mean.

    It asks how rarely the runs, dealt out anew into groups of these sizes, differ as much in their
    means. It takes no distribution for granted, only that under the hypothesis the runs of both
    groups are alike. R. A. Fisher, "The Design of Experiments" (1935), section 21; M. D. Ernst,
    Statistical Science 19 (2004), doi:10.1214/088342304000000396.

    Two-sided (twice the smaller side's), in (0, 1]; exact up to `MOST_DIVISIONS`.

    Raises:
        ValueError: If a group has fewer than two values or one isn't finite.
    """
    check_values(first, least=2)
    check_values(second, least=2)
    found = stats.permutation_test(
        (first, second),
        lambda x, y, axis: np.mean(x, axis=axis) - np.mean(y, axis=axis),
        vectorized=True,
        n_resamples=MOST_DIVISIONS,
        batch=10_000,
        rng=0,
    )
    return float(found.pvalue)


def least_permutation_p_value(n_first: int, n_second: int) -> float:
    """Return the least p value that `permutation_p_value` can give for groups of these sizes.

    In (0, 1], such as 0.1 for three runs each: groups that don't overlap at all give it.

    Raises:
        ValueError: If a group has fewer than two.
    """
    if min(n_first, n_second) < 2:
        raise ValueError(f"need two or more runs a group, got {n_first} and {n_second}")
    return 2 / min(math.comb(n_first + n_second, n_first), MOST_DIVISIONS + 1)


def superiority(first: Sequence[float], second: Sequence[float]) -> float:
    """Return how likely a run of the second group has a larger value than one of the first.

    The share of pairs of runs, ties counting half: Mann and Whitney's U over the number of pairs
    (Annals of Mathematical Statistics 18 (1947), doi:10.1214/aoms/1177730491), called the common
    language effect size (K. O. McGraw, S. P. Wong, Psychological Bulletin 111 (1992),
    doi:10.1037/0033-2909.111.2.361). In [0, 1]; 0.5 where neither group tends to be larger.

    Raises:
        ValueError: If a group is empty or a value isn't finite.
    """
    check_values(first)
    check_values(second)
    wins = np.sign(np.subtract.outer(second, first))
    return float((wins.mean() + 1) / 2)
