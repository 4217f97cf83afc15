"""Statistics over seeds: cases worked by hand, agreement with scipy, coverage, refusals."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from resnet_depth.statistics import estimate_difference, estimate_mean, pooled_sd

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
def test_a_difference_is_scipys_welch_interval(first, second):
    found = estimate_difference(first, second, 0.95)
    if len(set(first)) == len(set(second)) == 1:
        assert (found.low, found.high) == (None, None)
        return
    if min(np.var(first), np.var(second)) < 1e-12:
        return  # scipy's variances, squared, vanish there
    expected = stats.ttest_ind(second, first, equal_var=False).confidence_interval(0.95)

    assert found.low == pytest.approx(expected.low, abs=1e-9)
    assert found.high == pytest.approx(expected.high, abs=1e-9)


@given(accuracies, accuracies)
def test_a_difference_turns_round_with_its_groups(first, second):
    forth = estimate_difference(first, second, 0.95)
    back = estimate_difference(second, first, 0.95)

    assert forth.difference == pytest.approx(-back.difference, abs=1e-12)
    if forth.low is not None:
        assert forth.low == pytest.approx(-back.high, abs=1e-9)


@pytest.mark.parametrize(
    ("first", "second"), [([0.9], [0.8, 0.9]), ([0.8, 0.9], [0.9]), ([0.8] * 3, [0.9] * 3)]
)
def test_a_difference_without_spread_has_no_interval(first, second):
    found = estimate_difference(first, second, 0.95)

    assert (found.low, found.high) == (None, None)
    assert found.difference == pytest.approx(np.mean(second) - np.mean(first))


def test_tiny_variances_do_not_vanish_when_squared():
    found = estimate_difference([0.0, 1e-120], [0.0, 1e-120], 0.95)

    assert found.high == pytest.approx(stats.t.ppf(0.975, 2) * 1e-120 / math.sqrt(2))


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
        difference = estimate_difference(first, second, 0.95)
        means += mean.low <= 0 <= mean.high
        differences += difference.low <= 1 <= difference.high

    assert 0.94 < means / 4000 < 0.96
    assert 0.94 < differences / 4000 < 0.98


@pytest.mark.parametrize(
    "call",
    [
        lambda: estimate_mean([], 0.95),
        lambda: estimate_mean([math.nan], 0.95),
        lambda: estimate_mean([1.0, 2.0], 1.0),
        lambda: estimate_mean([1.0, 2.0], 95),
        lambda: estimate_difference([], [1.0], 0.95),
        lambda: estimate_difference([1.0], [math.inf], 0.95),
        lambda: pooled_sd([[1.0], []]),
    ],
)
def test_what_no_interval_can_be_made_of_is_refused(call):
    with pytest.raises(ValueError, match=r"finite values|confidence"):
        call()
