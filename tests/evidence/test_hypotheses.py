"""Tests of hypotheses: cases worked by hand, and what must hold for any."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resnet_depth.evidence.hypotheses import (
    holm,
    least_permutation_p_value,
    mcnemar,
    permutation_p_value,
    superiority,
)

GROUP = st.lists(st.integers(-5, 5).map(float), min_size=2, max_size=4)


def test_holm_matches_a_case_worked_by_hand():
    # Sorted 0.01, 0.03, 0.04 times 3, 2, 1: 0.03, 0.06, 0.04, and never less than the one before.
    assert holm([0.04, 0.01, 0.03]) == pytest.approx([0.06, 0.03, 0.06])
    assert holm([]) == []


@given(st.lists(st.floats(0, 1), min_size=1))
def test_holm_keeps_the_order_and_never_lowers_a_value(p_values):
    corrected = holm(p_values)

    assert all(p <= c <= 1 for p, c in zip(p_values, corrected, strict=True))
    ordered = [corrected[i] for i in sorted(range(len(p_values)), key=p_values.__getitem__)]
    assert ordered == sorted(ordered)
    assert corrected[p_values.index(min(p_values))] <= len(p_values) * min(p_values) or (
        min(p_values) * len(p_values) > 1
    )


def test_mcnemar_matches_a_case_worked_by_hand():
    # Of 6 images that one network alone gets right, 6 are the first's: 2 · (1/2)⁶ = 1/32.
    assert mcnemar(6, 0) == pytest.approx(1 / 32)
    assert mcnemar(0, 6) == pytest.approx(1 / 32)
    assert mcnemar(5, 5) == 1
    assert mcnemar(0, 0) == 1
    with pytest.raises(ValueError, match="counts"):
        mcnemar(-1, 3)


def test_permutation_p_matches_a_case_worked_by_hand():
    # Of the 10 pairs of 1 2 3 4 9, two have as large a sum as 3 and 9: those, and 4 and 9. Doubled
    # for both sides.
    assert permutation_p_value([1, 2, 4], [3, 9]) == pytest.approx(0.4)
    assert permutation_p_value([0.7, 0.7], [0.7, 0.7]) == 1


def test_groups_that_do_not_overlap_have_the_least_permutation_p():
    # 20 ways to deal six runs into three and three; two of them are as extreme.
    assert least_permutation_p_value(3, 3) == pytest.approx(2 / 20)
    assert permutation_p_value([1, 2, 3], [4, 5, 6]) == pytest.approx(2 / 20)
    assert permutation_p_value([1, 2, 3], [4, 5, 6, 7]) == least_permutation_p_value(3, 4)


def test_permutation_p_of_many_runs_is_drawn_the_same_each_time():
    first, second = [float(k) for k in range(12)], [float(k) for k in range(20, 32)]

    drawn = permutation_p_value(first, second)

    assert drawn == permutation_p_value(first, second) == least_permutation_p_value(12, 12)


@given(GROUP, GROUP)
def test_permutation_p_is_the_same_whichever_group_comes_first(first, second):
    found = permutation_p_value(first, second)

    assert found == pytest.approx(permutation_p_value(second, first))
    assert least_permutation_p_value(len(first), len(second)) <= found + 1e-12
    assert found <= 1


def test_superiority_is_the_share_of_pairs_that_the_second_group_wins():
    # 2 beats 1 and loses to 3; 3 beats 1 and ties with 3.
    assert superiority([1, 3], [2, 3]) == pytest.approx(2.5 / 4)
    assert superiority([1], [2, 3]) == 1
    assert superiority([4], [2, 3]) == 0
    assert superiority([2.0], [2.0]) == 0.5


@given(GROUP, GROUP)
def test_one_group_is_as_often_above_as_the_other_is_below(first, second):
    assert superiority(first, second) + superiority(second, first) == pytest.approx(1)


def test_groups_that_no_test_can_be_made_of_are_refused():
    with pytest.raises(ValueError, match="2 or more"):
        permutation_p_value([0.7], [0.6, 0.8])
    with pytest.raises(ValueError, match="two or more"):
        least_permutation_p_value(1, 3)
    with pytest.raises(ValueError, match="1 or more"):
        superiority([], [0.7])
    with pytest.raises(ValueError, match="finite"):
        superiority([float("nan")], [0.7])
