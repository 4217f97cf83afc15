"""Pairs of depths: how often a claim is decided where there is nothing to decide."""

from given.false_verdicts import KINDS, false_verdicts


def test_a_second_look_makes_false_verdicts_about_twice_as_frequent():
    # `tests/given/false_verdicts.py` simulates more studies, and more kinds of seeds.
    found = false_verdicts(KINDS["normal, 1 each"], images=1000, studies=600, seed=0)

    assert 0.01 <= found.one <= 0.03
    assert 1.5 * found.one <= found.two <= 0.06
