"""What a recipe buys over the reference, on constructed studies whose truth is known."""

import pytest
from given.study_files import write_study

from resnet_depth.findings.recipe_gains import find_recipe_gains, gain_sentences

SEEDS = (0, 1, 2)
# Of `fast`: 10 points more at 18 layers, 2 at 34.
MEANS = {("reference", 18): 0.70, ("reference", 34): 0.72, ("fast", 18): 0.80, ("fast", 34): 0.74}


def accuracies(spread):
    """Three seeds around each mean, the middle one on it; keys as `write_study` wants them."""
    return {
        ((depth, seed) if recipe == "reference" else (recipe, depth, seed)): mean
        + (seed - 1) * spread
        for (recipe, depth), mean in MEANS.items()
        for seed in SEEDS
    }


def gains(tmp_path, spread=0.002, recipes=("reference", "fast"), **settings):
    study = write_study(
        tmp_path, depths=(18, 34), recipes=recipes, accuracy=accuracies(spread), **settings
    )
    return found_in(study)


def found_in(study):
    evidence = study.study_evidence()
    return find_recipe_gains(evidence.accuracy_means, evidence.first.confidence)


def test_a_gain_is_the_difference_to_the_reference_at_each_depth(tmp_path):
    (found,) = gains(tmp_path)

    assert found.recipe == "fast"
    assert [each.depths for each in found.gains] == [(18,), (34,)]
    assert [each.difference for each in found.gains] == pytest.approx([0.10, 0.02])
    assert found.gains[0].beyond_chance
    assert found.gains[0].low < 0.10 < found.gains[0].high
    assert gain_sentences(found)[0].startswith(
        "With fast, ResNet-18 was 10.0 points more accurate than with the reference, beyond chance"
    )


def test_the_effect_of_depth_differs_by_the_difference_of_the_gains(tmp_path):
    (found,) = gains(tmp_path)

    (interaction,) = found.interactions
    assert interaction.depths == (18, 34)
    assert interaction.difference == pytest.approx(0.02 - 0.10)
    assert interaction.beyond_chance


def test_gains_within_the_spread_are_not_beyond_chance(tmp_path):
    (found,) = gains(tmp_path, spread=0.08)

    assert not any(each.beyond_chance for each in (*found.gains, *found.interactions))
    assert "which may be chance" in gain_sentences(found)[1]


def test_p_values_are_corrected_for_the_number_of_depths(tmp_path):
    (found,) = gains(tmp_path, spread=0.02)

    first, second = sorted(found.gains, key=lambda each: each.p_value)
    assert first.holm_p_value == pytest.approx(min(1, 2 * first.p_value))
    assert second.holm_p_value >= first.holm_p_value


def test_one_seed_tells_no_spread(tmp_path):
    (found,) = gains(tmp_path, seeds=(1,))

    assert found.gains[0].low is None
    assert found.gains[0].difference == pytest.approx(0.10)
    assert "too few runs" in gain_sentences(found)[0]


def test_without_the_reference_nothing_is_compared(tmp_path):
    study = write_study(tmp_path, depths=(18,), recipes=("fast", "long"))

    assert found_in(study) == ()
