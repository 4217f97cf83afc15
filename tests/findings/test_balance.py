"""The claim on ResNet-34, on constructed studies whose truth is known."""

import numpy as np
import pytest

from resnet_depth.evidence.contrasts import Means
from resnet_depth.findings.balance import find_balance, gain_difference
from resnet_depth.findings.claims import TEST_ACCURACY, TRAIN_SECONDS
from resnet_depth.findings.depth_pairs import Growth

MINUTES = {18: 60.0, 34: 120.0, 50: 180.0}


def means(values, spread):
    """Three runs around each mean."""
    return Means({d: [v - spread, v, v + spread] for d, v in values.items()})


def found(accuracy, seconds=None, spread=0.001, time_spread=0.5):
    times = Growth(TRAIN_SECONDS, means(seconds or MINUTES, time_spread), 0.95)
    return find_balance(Growth(TEST_ACCURACY, means(accuracy, spread), 0.95), times)


def test_more_for_the_first_minute_than_for_the_second_is_supported():
    finding = found({18: 0.70, 34: 0.80, 50: 0.81})

    assert finding.verdict == "supported"
    assert "brought +10.0 points" in finding.sentence
    assert "no other depth is as accurate in as little training time" in finding.sentence


def test_less_for_the_first_minute_than_for_the_second_is_contradicted():
    finding = found({18: 0.70, 34: 0.71, 50: 0.81})

    assert finding.verdict == "contradicted"
    assert finding.sentence.startswith("It is not true that ResNet-34 is a good balance")


def test_gains_that_chance_may_explain_are_undecided():
    assert found({18: 0.70, 34: 0.80, 50: 0.81}, spread=0.08).verdict == "undecided"


def test_a_depth_that_is_better_and_quicker_contradicts():
    finding = found({18: 0.80, 34: 0.75, 50: 0.72})

    assert finding.evidence.surely_dominated_by == [18]
    assert finding.verdict == "contradicted"
    assert "ResNet-18 reached at least the same accuracy in less training time" in finding.sentence


def test_dominance_by_the_means_alone_keeps_it_from_being_supported():
    # The first minute lost little, the second lost much: a clear gain, yet 18 is not worse.
    finding = found({18: 0.8001, 34: 0.80, 50: 0.70}, spread=0.002)

    assert finding.evidence.dominated_by == [18]
    assert finding.evidence.gain_difference.low > 0
    assert finding.verdict == "undecided"
    assert "which may be chance" in finding.sentence


@pytest.mark.parametrize(
    ("accuracy", "seconds", "reason"),
    [
        ({18: 0.7, 34: 0.8}, None, "ResNet-50 was not studied"),
        ({18: 0.7, 34: 0.8, 50: 0.9}, {18: 60.0, 34: 60.1, 50: 180.0}, "no gain per extra minute"),
        ({18: 0.7, 34: 0.8, 50: 0.9}, {18: 60.0, 34: 50.0, 50: 180.0}, "no gain per extra minute"),
    ],
)
def test_what_stands_in_the_way_is_said(accuracy, seconds, reason):
    finding = found(accuracy, seconds and {d: seconds[d] for d in accuracy})

    assert finding.verdict == "undecided"
    assert reason in finding.sentence


def test_one_seed_is_undecided():
    accuracy = Growth(TEST_ACCURACY, Means({18: [0.7], 34: [0.8], 50: [0.9]}), 0.95)
    seconds = Growth(TRAIN_SECONDS, Means({d: [s] for d, s in MINUTES.items()}), 0.95)

    finding = find_balance(accuracy, seconds)

    assert finding.verdict == "undecided"
    assert "one run per depth doesn't show the spread" in finding.sentence


def test_the_gains_interval_covers_the_truth():
    # True gains 0.10 and 0.05 a minute; three seeds, sd 1 point and 2 s. Standard error 0.7 points.
    random = np.random.default_rng(0)
    truth = {18: (0.70, 60.0), 34: (0.80, 120.0), 50: (0.85, 180.0)}
    held = 0
    for _ in range(1000):
        accuracy = Means({d: random.normal(a, 0.01, 3).tolist() for d, (a, _) in truth.items()})
        seconds = Means({d: random.normal(t, 2.0, 3).tolist() for d, (_, t) in truth.items()})
        _, _, gain = gain_difference(accuracy, seconds, 0.95)
        held += gain.low <= 0.05 <= gain.high

    assert 0.93 <= held / 1000 <= 0.98
