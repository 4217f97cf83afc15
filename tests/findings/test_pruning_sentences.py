"""The sentences on pruning: what can go and what that buys; zeros never buy time."""

import pytest
from given.pruned_levels import CHANGES, constructed, found

from resnet_depth.findings.pruning_sentences import pruning_sentences


@pytest.fixture(scope="module")
def evidence(tmp_path_factory):
    return constructed(tmp_path_factory.mktemp("study"))


def test_what_is_shown_to_go_is_told_before_what_may(evidence):
    dead, tuning, inner, groups, weights, control = pruning_sentences(found(evidence))

    assert dead == (
        "7.00 M of ResNet-18's 11.0 M parameters are dead taps: without them its outputs are the "
        "same, up to round-off."
    )
    exact = found(evidence).exact
    assert tuning == (
        f"Tuning alone, with nothing left out, takes ResNet-18 from {exact.at_once.mean:.1%} to "
        f"{exact.tuned.mean:.1%}; all changes below are against that."
    )
    assert inner == (
        "25% of channels inside blocks, by L2 norm, can go within 0.5 points of validation "
        "accuracy (0.0 points, 95% interval −0.2 to +0.2): 3.00 M of 4.00 M parameters and 22.5 M "
        "of 30.0 M multiply-adds are left; an image takes 0.41 ms instead of 0.82 ms, and batches "
        "of 256 do 5,100 images/s instead of 3,445."
    )
    assert "no share tried (50%) goes within 0.5 points" in groups
    assert "without 50% it changed by −2.0 points, 95% interval −2.2 to −1.8" in groups
    assert weights.startswith("90% of single weights, by magnitude, may go within 0.5 points")
    assert "which leaves it open): 400 k of 4.00 M parameters aren't zero" in weights
    assert weights.endswith(
        "neither the file nor the work is less, nor is it faster: an image takes 0.78 ms (0.82 ms "
        "without the zeros), and batches of 256 do 3,500 images/s (3,445)."
    )
    assert control.startswith("To choose 50% of channels inside blocks by L2 norm, not by chance, ")


def test_times_taken_while_others_used_the_machine_are_not_told(evidence):
    sentences = pruning_sentences(found(evidence, shared=True))

    assert not [each for each in sentences if " ms" in each or "images/s" in each]
    assert sentences[2].endswith("22.5 M of 30.0 M multiply-adds are left.")
    assert sentences[4].endswith("neither the file nor the work is less.")


def test_a_control_within_the_spread_is_not_told_from_chance(evidence):
    near = CHANGES | {("inner", "random", 0.5): (0.0, -0.001, 0.001)}

    *_, control = pruning_sentences(found(evidence, near))

    assert control.endswith("not told from chance.")


def test_one_seed_leaves_it_open(evidence):
    told = pruning_sentences(found(evidence, seeds=(1,)))[2]

    assert "may go within 0.5 points of validation" in told
    assert "accuracy (0.0 points, without an interval, which leaves it open)" in told
