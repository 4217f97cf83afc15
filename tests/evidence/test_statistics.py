"""Statistics over seeds: cases worked by hand, agreement with scipy, coverage, refusals."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from resnet_depth.evidence.statistics import (
    Part,
    effect,
    estimate_mean,
    pooled_sd,
    runs_needed,
    variance_of_mean,
)


def difference(first, second):
    """The second group's mean minus the first's, as an effect over both groups' runs."""
    estimate = float(np.mean(second) - np.mean(first))
    return effect(estimate, [variance_of_mean(first), variance_of_mean(second)], 0.95)


accuracies = st.lists(st.floats(0, 1, width=32), min_size=2, max_size=12)


def test_three_values_match_a_case_worked_by_hand():
    # Mean 0.9; squares 0.01² + 0 + 0.01² = 0.0002; sd = √(0.0002 / 2) = 0.01.
    # t for 2 degrees of freedom at 95 % is 4.302653; 4.302653 · 0.01 / √3 = 0.0248414.
    found = estimate_mean([0.89, 0.90, 0.91], 0.95)

    assert (found.n, found.mean, found.sd) == (3, pytest.approx(0.9), pytest.approx(0.01))
    assert found.half_width == pytest.approx(0.0248414, rel=1e-5)


def test_one_value_has_no_spread_and_no_interval():
    found = estimate_mean([0.9], 0.95)

    assert (found.n, found.mean) == (1, 0.9)
    assert (found.sd, found.low, found.high, found.half_width) == (None, None, None, None)


@given(accuracies, st.sampled_from([0.5, 0.9, 0.95, 0.99]))
def test_an_interval_is_scipys(values, confidence):
    found = estimate_mean(values, confidence)
    error = stats.sem(values) if len(set(values)) > 1 else 0

    assert found.high - found.mean == pytest.approx(
        error * stats.t.ppf((1 + confidence) / 2, len(values) - 1), abs=1e-12
    )
    assert found.mean - found.low == pytest.approx(found.high - found.mean, abs=1e-12)


@given(accuracies, accuracies)
def test_a_difference_is_scipys_welch_test(first, second):
    found = difference(first, second)
    if len(set(first)) == len(set(second)) == 1:
        assert found is None
        return
    if min(np.var(first), np.var(second)) < 1e-12:
        return  # scipy's variances, squared, vanish there
    welch = stats.ttest_ind(second, first, equal_var=False)
    expected = welch.confidence_interval(0.95)

    assert found.low == pytest.approx(expected.low, abs=1e-9)
    assert found.high == pytest.approx(expected.high, abs=1e-9)
    assert found.p_value == pytest.approx(welch.pvalue, abs=1e-9)


@given(accuracies, accuracies, st.floats(-1, 1))
def test_an_interval_leaves_out_what_its_test_rejects(first, second, null):
    parts = [variance_of_mean(first), variance_of_mean(second)]
    found = effect(0.25, parts, 0.95, null)
    if found is not None and min(abs(null - found.low), abs(null - found.high)) > 1e-9:
        assert (found.p_value < 0.05) == (not found.low <= null <= found.high)


def test_tiny_variances_do_not_vanish_when_squared():
    found = difference([0.0, 1e-120], [0.0, 1e-120])

    assert found.high == pytest.approx(stats.t.ppf(0.975, 2) * 1e-120 / math.sqrt(2))


def test_the_runs_needed_match_a_case_worked_by_hand():
    # Spread so small beside 10 images' part that only the quantiles with 9 degrees of freedom
    # count: 2.262 + 0.883 = 3.146. An effect of 3.2 standard errors is enough, one of 3.1 never.
    fixed = Part(1.0, 9)
    spread = [1e-9, 1e-9]

    assert runs_needed(3.2, spread, fixed, 0.95, 0.8) == 2
    assert runs_needed(3.1, spread, fixed, 0.95, 0.8) is None


def test_the_runs_needed_are_the_textbook_sample_size():
    # Two groups with sd 1, a difference of 1, 80 % power: 17 a group by the t test's tables.
    assert runs_needed(1.0, [1.0, 1.0], Part(0.0, 1), 0.95, 0.8) == 17
    assert runs_needed(0.0, [1.0, 1.0], Part(0.0, 1), 0.95, 0.8) is None


def test_pooled_deviation_matches_a_case_worked_by_hand():
    # Squares 2 · 1² = 2 and 2 · 2² = 8 over 1 + 1 degrees of freedom: √5.
    assert pooled_sd([[1, 3], [0, 4], [7]]) == pytest.approx(math.sqrt(5))
    assert pooled_sd([[1], [2]]) is None


def test_intervals_of_three_seeds_cover_as_they_say():
    # 4,000 studies of two groups with unequal spread, the true difference 1. A coverage of 95 %
    # has a standard error of 0.34 points here. Welch's interval is conservative at n = 3.
    random = np.random.default_rng(0)
    means = differences = 0
    for _ in range(4000):
        first, second = random.normal(0, 1, 3).tolist(), random.normal(1, 2, 3).tolist()
        mean = estimate_mean(first, 0.95)
        found = difference(first, second)
        means += mean.low <= 0 <= mean.high
        differences += found.low <= 1 <= found.high

    assert 0.94 < means / 4000 < 0.96
    assert 0.94 < differences / 4000 < 0.98


@pytest.mark.parametrize(
    "call",
    [
        lambda: estimate_mean([], 0.95),
        lambda: estimate_mean([math.nan], 0.95),
        lambda: estimate_mean([1.0, 2.0], 1.0),
        lambda: estimate_mean([1.0, 2.0], 95),
        lambda: variance_of_mean([]),
        lambda: variance_of_mean([1.0, math.inf]),
        lambda: effect(1.0, [Part(1.0, 2)], 95),
        lambda: pooled_sd([[1.0], []]),
    ],
)
def test_what_no_interval_can_be_made_of_is_refused(call):
    with pytest.raises(ValueError, match=r"finite values|confidence"):
        call()
