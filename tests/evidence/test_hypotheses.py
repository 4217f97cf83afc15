"""Tests of hypotheses: cases worked by hand, and what must hold for any."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resnet_depth.evidence.hypotheses import holm, mcnemar


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
