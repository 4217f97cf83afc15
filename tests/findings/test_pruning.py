"""What can be left out of a network, on constructed results whose truth is known."""

from dataclasses import replace

import pandas as pd
import pytest
from given.study_files import write_study

from resnet_depth.evidence.statistics import estimate_mean
from resnet_depth.findings.pruning import find_pruning, pruning_sentences

MARGIN = 0.005
EXACT = {0: 0.90, 1: 0.92, 2: 0.88}
# What each seed's tuned accuracy changes by at a level. By the mean, 25 and 50 % of channels lie
# within half a point, but only of 25 % does the interval (± 0.0025, ± 0.025) say so.
CHANGES = {
    ("inner", "l2", 0.25): (0.001, 0.000, -0.001),
    ("inner", "l2", 0.5): (0.010, 0.000, -0.010),
    ("inner", "l2", 0.75): (-0.031, -0.030, -0.029),
    ("inner", "random", 0.5): (-0.040, -0.050, -0.060),
    ("groups", "l2", 0.5): (-0.021, -0.020, -0.019),
    ("weights", "magnitude", 0.9): (0.010, -0.001, -0.010),
}


@pytest.fixture(scope="module")
def evidence(tmp_path_factory):
    return write_study(tmp_path_factory.mktemp("study"), depths=(18,)).evidence()


def row(seed, key, tuned):
    kind, choice, share = key
    left = int(4_000_000 * (1 - share))
    whole = kind == "weights"
    return {
        "depth": 18,
        "seed": seed,
        "kind": kind,
        "chosen_by": choice,
        "share": share,
        "parameters": 11_000_000 if kind == "full" else 4_000_000 if whole else left,
        "nonzero_parameters": left + seed,
        "macs": 30_000_000 if whole else int(30_000_000 * (1 - share)),
        "file_bytes": 4 * left,
        "at_once_accuracy": 0.5,
        "recalibrated_accuracy": None if tuned is None else 0.7,
        "tuned_accuracy": tuned,
    }


def found(evidence, changes=CHANGES, seeds=(0, 1, 2)):
    rows = [row(seed, ("full", "nothing", 0.0), None) for seed in seeds]
    rows += [row(seed, ("exact", "nothing", 0.0), EXACT[seed]) for seed in seeds]
    rows += [
        # Not in the seeds' order: pairs are made by seed.
        row(seed, key, EXACT[seed] + change[seed])
        for key, change in changes.items()
        for seed in reversed(seeds)
    ]
    (one,) = find_pruning(replace(evidence, pruning=pd.DataFrame(rows)), MARGIN)
    return one


def test_a_level_is_compared_with_the_exact_network_seed_by_seed(evidence):
    level = found(evidence).of("inner", "l2")[1]

    expected = estimate_mean(CHANGES["inner", "l2", 0.5], 0.95)
    assert level.difference.mean == pytest.approx(expected.mean, abs=1e-12)
    assert level.difference.low == pytest.approx(expected.low)
    assert level.difference.high == pytest.approx(expected.high)
    assert level.tuned.mean == pytest.approx(0.9)
    assert (level.parameters, level.nonzero_parameters) == (2_000_000, 2_000_000)


def test_the_full_and_the_exact_network_are_compared_with_nothing(evidence):
    one = found(evidence)

    assert one.full.difference is one.exact.difference is None
    assert one.full.tuned is None
    assert one.exact.tuned.mean == pytest.approx(0.9)


def test_what_is_shown_to_go_is_told_before_what_may(evidence):
    dead, inner, groups, weights, control = pruning_sentences(found(evidence))

    assert dead == (
        "7.00 M of ResNet-18's 11.0 M parameters are dead taps: without them its outputs are the "
        "same, up to round-off."
    )
    assert inner == (
        "25% of channels inside blocks, by L2 norm, can go within 0.5 points of validation "
        "accuracy (0.0 points, 95% interval −0.2 to +0.2): 3.00 M of 4.00 M parameters and 22.5 M "
        "of 30.0 M multiply-adds are left."
    )
    assert "no share tried (50%) goes within 0.5 points" in groups
    assert "without 50% it changed by −2.0 points, 95% interval −2.2 to −1.8" in groups
    assert weights.startswith("90% of single weights, by magnitude, may go within 0.5 points")
    assert "which leaves it open): 400 k of 4.00 M parameters aren't zero" in weights
    assert weights.endswith("neither the file nor the work is less.")
    assert control.startswith("To choose 50% of channels inside blocks by L2 norm, not by chance, ")


def test_chance_is_the_control_of_the_norm(evidence):
    (control,) = found(evidence).controls

    assert (control.kind, control.share) == ("inner", 0.5)
    assert control.difference.mean == pytest.approx(0.05)
    assert control.difference.low == pytest.approx(0.05)
    assert control.difference.high == pytest.approx(0.05)


def test_a_control_within_the_spread_is_not_told_from_chance(evidence):
    near = CHANGES | {("inner", "random", 0.5): (0.0, -0.001, 0.001)}

    *_, control = pruning_sentences(found(evidence, near))

    assert control.endswith("not told from chance.")


def test_one_seed_has_no_interval(evidence):
    one = found(evidence, seeds=(1,))

    level = one.of("inner", "l2")[1]
    assert (level.difference.low, level.difference.high) == (None, None)
    told = pruning_sentences(one)[1]
    assert "may go within 0.5 points of validation" in told
    assert "accuracy (0.0 points, without an interval, which leaves it open)" in told


def test_where_nothing_was_pruned_nothing_is_found(evidence):
    assert find_pruning(evidence, MARGIN) == ()
