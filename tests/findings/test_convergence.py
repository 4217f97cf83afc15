"""The claim on convergence, on constructed curves whose truth is known."""

import numpy as np
import pandas as pd
import pytest

from resnet_depth.findings.convergence import find_convergence

FIRST = {18: 0.60, 34: 0.55, 50: 0.50}
LAST = {18: 0.70, 34: 0.75, 50: 0.80}


def curves(first, last, spread=0.002, seeds=3, epochs=5):
    rows = [
        (depth, seed, epoch, (first if epoch == 1 else last)[depth] + (seed - 1) * spread)
        for depth in first
        for seed in range(seeds)
        for epoch in range(1, epochs + 1)
    ]
    return pd.DataFrame(rows, columns=["depth", "seed", "epoch", "validation_accuracy"])


def found(*tables, slower_by=0.01, higher_by=0.005, **settings):
    return find_convergence(curves(*tables, **settings), 0.95, slower_by, higher_by)


def test_both_halves_beyond_their_thresholds_are_supported():
    finding = found(FIRST, LAST)

    assert finding.verdict == "supported"
    assert "rises from 40.0% (ResNet-18) to 45.0% (ResNet-34) and 50.0%" in finding.sentence
    assert "rises from 70.0% (ResNet-18) to 75.0% (ResNet-34) and 80.0%" in finding.sentence


@pytest.mark.parametrize(
    ("first", "last", "epoch"),
    [(LAST, LAST, "first epoch"), (FIRST, FIRST, "last epoch")],
    ids=["faster at first", "lower at the end"],
)
def test_one_half_the_other_way_round_contradicts(first, last, epoch):
    finding = found(first, last)

    assert finding.verdict == "contradicted"
    assert f"after the {epoch}" in finding.sentence
    assert "is claimed" in finding.sentence


def test_a_difference_below_the_threshold_is_not_what_was_claimed():
    finding = found(FIRST, LAST, slower_by=0.08)

    assert finding.verdict == "contradicted"
    assert "more than +8.0 points is claimed" in finding.sentence


def test_a_difference_around_the_threshold_is_undecided():
    finding = found(FIRST, LAST, slower_by=0.05)

    assert finding.verdict == "undecided"
    assert finding.evidence.higher.verdict == "supported"
    assert "with the claimed +5.0 points inside the interval" in finding.sentence


def test_one_seed_one_epoch_and_no_validation_decide_nothing():
    assert "one run per depth" in found(FIRST, LAST, seeds=1).sentence
    assert "only one epoch" in found(FIRST, LAST, epochs=1).sentence
    blank = curves(FIRST, LAST).assign(validation_accuracy=np.nan)
    finding = find_convergence(blank, 0.95, 0.01, 0.005)
    assert finding.verdict == "undecided"
    assert "no images were held out" in finding.sentence
