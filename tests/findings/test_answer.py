"""The page's answer: three sentences that say what the findings say, whichever way they point."""

import re

import pytest
from given.study_files import write_study

from resnet_depth.base.files import read_json, write_json
from resnet_depth.evidence.costs import costs_of
from resnet_depth.findings.answer import answer
from resnet_depth.findings.find import find
from resnet_depth.findings.settings import ClaimThresholds

SEEDS = (0, 1, 2)
CLAIMS = ClaimThresholds(slower_at_first=0.01, higher_at_the_end=0.005)


def values(means, spread):
    """Three seeds around each depth's mean, the middle one on it."""
    return {(d, s): mean + (s - 1) * spread for d, mean in means.items() for s in SEEDS}


def answered(evidence):
    costs = costs_of(evidence)
    findings = find(evidence, costs, CLAIMS)
    return answer(evidence, costs, findings), findings


def answer_of(tmp_path, **settings):
    return answered(write_study(tmp_path, **settings).evidence())


RISING, FALLING = {18: 0.80, 34: 0.85, 50: 0.90}, {18: 0.90, 34: 0.85, 50: 0.80}


@pytest.mark.parametrize(
    ("means", "spread", "verdict", "bought", "sure"),
    [
        (
            RISING, 0.002, "supported",
            "More accuracy at every step: ResNet-50 classified 90.0% of the test images correctly, "
            "10.0 percentage points more than ResNet-18 (80.0%).",
            "The gain in accuracy from ResNet-18 to ResNet-50 is beyond chance",
        ),
        (
            FALLING, 0.002, "contradicted",
            "Less accuracy at every step: ResNet-50 classified 80.0% of the test images correctly, "
            "10.0 percentage points less than ResNet-18 (90.0%).",
            "The loss in accuracy from ResNet-18 to ResNet-50 is beyond chance",
        ),
        (
            {18: 0.80, 34: 0.90, 50: 0.85}, 0.002, "contradicted",
            "Accuracy didn't rise at every step: it fell by 5.0 percentage points from ResNet-34 "
            "to ResNet-50; overall, ResNet-50 classified 85.0% of the test images correctly, "
            "ResNet-18 80.0%.",
            "The loss in accuracy from ResNet-34 to ResNet-50 is beyond chance",
        ),
        (
            {18: 0.80, 34: 0.90, 50: 0.9001}, 0.002, "undecided",
            "More accuracy at some steps: it rose by 10.0 percentage points from ResNet-18 to "
            "ResNet-34, while from ResNet-34 to ResNet-50 any change may be chance; overall, "
            "ResNet-50 classified 90.0% of the test images correctly, ResNet-18 80.0%.",
            "The true change in accuracy from ResNet-34 to ResNet-50 may be anything from",
        ),
        (
            RISING, 0.08, "undecided",
            "No gain in accuracy beyond chance: ResNet-50 classified 90.0% of the test images "
            "correctly, ResNet-18 80.0%.",
            "The true change in accuracy from ResNet-18 to ResNet-50 may be anything from",
        ),
        (
            RISING, 0.03, "undecided",
            "More accuracy overall, though no single step shows it: ResNet-50 classified 90.0% of "
            "the test images correctly, 10.0 percentage points more than ResNet-18 (80.0%).",
            "The gain in accuracy from ResNet-18 to ResNet-50 is beyond chance",
        ),
        (
            FALLING, 0.03, "undecided",
            "Less accuracy overall, though no single step shows it: ResNet-50 classified 80.0% of "
            "the test images correctly, 10.0 percentage points less than ResNet-18 (90.0%).",
            "The loss in accuracy from ResNet-18 to ResNet-50 is beyond chance",
        ),
        (
            FALLING, 0.04, "undecided",
            "No gain in accuracy, and maybe a loss: ResNet-50 classified 80.0% of the test images "
            "correctly, 10.0 percentage points less than ResNet-18 (90.0%).",
            "Taken alone, the loss in accuracy from ResNet-18 to ResNet-50 would be beyond chance",
        ),
        (
            RISING, 0.0, "undecided",
            "That is open: ResNet-50 classified 90.0% of the test images correctly, ResNet-18 "
            "80.0%, but each depth's runs are identical, which doesn't show the spread.",
            "Nothing is certain about accuracy, because 3 trainings per depth and 360 test images",
        ),
    ],
)  # fmt: skip
def test_the_words_on_accuracy_fit_the_verdict(tmp_path, means, spread, verdict, bought, sure):
    found, (accuracy, *_) = answer_of(tmp_path, accuracy=values(means, spread))

    assert accuracy.verdict == verdict
    assert found.bought == bought
    assert found.certainty.startswith(sure)


def test_it_says_how_small_a_difference_can_be_seen(tmp_path):
    # Spread 5 points: sd 0.05, variance of a difference 2 · 0.05² / 3, 4 degrees of freedom,
    # t = 2.776: half width 2.776 · 0.0408 = 0.113.
    means = {18: 0.80, 34: 0.81, 50: 0.82}
    found, _ = answer_of(tmp_path, accuracy=values(means, 0.05))

    assert "anything from −9.3 to +13.3 percentage points (95% interval)" in found.certainty
    assert (
        "because 3 trainings per depth and 360 test images can't distinguish a change below about "
        "11.3 points from chance (about " in found.certainty
    )


@pytest.mark.parametrize(
    ("means", "spread", "said"),
    [
        ({18: 10, 34: 20, 50: 30}, 0.1, "; the longer training at every step is beyond chance."),
        ({18: 10, 34: 20, 50: 15}, 0.1, "; training did not get longer at every step, and that"),
        ({18: 10, 34: 20, 50: 30}, 15.0, "; whether training takes longer at every step is un"),
    ],
)  # fmt: skip
def test_the_words_on_training_time_fit_the_verdict(tmp_path, means, spread, said):
    times = {key: 20 + value for key, value in values(means, spread).items()}
    found, _ = answer_of(tmp_path, train_seconds=times)

    assert said in found.certainty


def test_costs_are_told_as_factors_with_both_values(tmp_path):
    found, _ = answer_of(tmp_path, train_seconds=values({18: 10.0, 34: 20.0, 50: 25.0}, 0.1))

    assert found.cost.startswith(
        "Compared with ResNet-18, ResNet-50 needed 2.5 times the training time (25.0 s instead of "
        "10.0 s), "
    )
    assert found.cost.endswith("and 2.1 times the parameters (23.5 M instead of 11.2 M).")
    assert " times the time to classify one image (" in found.cost


def test_times_that_do_not_compare_are_left_out(tmp_path):
    study = write_study(tmp_path, shared=[(18, s) for s in SEEDS])
    path = study.latency / "reference/resnet50.json"
    write_json(path, {**read_json(path), "shared": True})

    found, _ = answered(study.evidence())

    assert found.cost == (
        "Compared with ResNet-18, ResNet-50 needed 2.1 times the parameters (23.5 M instead of "
        "11.2 M); not shown: the training time and the time to classify one image (others used the "
        "machine; repeat when idle)."
    )


def test_one_seed_makes_nothing_sure(tmp_path):
    found, _ = answer_of(tmp_path, seeds=(0,))

    assert found.bought.startswith("That is open: ")
    assert found.certainty == (
        "Nothing is certain about accuracy, because 1 training per depth and 360 test images give "
        "no interval; whether training takes longer at every step is undecided."
    )


@pytest.mark.parametrize(
    "settings",
    [
        *({"depths": (34,), "seeds": (0,)}, {"depths": (34,)}, {"depths": (18, 50)}),
        *({"depths": (18, 34, 50, 101, 152)}, {"seeds": (0,)}, {"shared": [(18, 0), (18, 1)]}),
    ],
)
def test_it_is_three_sentences_of_bearable_length(tmp_path, settings):
    found, _ = answer_of(tmp_path, **settings)

    for sentence in (found.bought, found.cost, found.certainty):
        assert re.fullmatch(r"[A-Z].*[^.]\.", sentence)
        assert not re.search(r"[.!?] [A-Z]", sentence)
        assert len(sentence.split()) <= 65


def test_one_depth_has_nothing_to_compare(tmp_path):
    found, _ = answer_of(tmp_path, depths=(34,))

    assert "nothing to compare it with" in found.bought
    assert "add a second depth" in found.certainty
