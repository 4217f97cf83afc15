"""What trained weights buy as a start, on constructed studies whose truth is known."""

import pytest
from given.study_files import write_study

from resnet_depth.findings.start_gains import find_start_gains, start_gain_sentences

RECIPES = {
    "reference": {},
    "given": {"weights": "mine"},
    "tenth": {"train_fraction": 0.1},
    "tenth_given": {"train_fraction": 0.1, "weights": "mine"},
    "tenth_frozen": {"train_fraction": 0.1, "weights": "mine", "freeze": "layer2"},
    "slower": {"lr": 0.0001, "weights": "mine"},
}
MEANS = dict(zip(RECIPES, (0.9, 0.92, 0.5, 0.8, 0.7, 0.9), strict=True))


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    accuracy = {
        ((18, seed) if recipe == "reference" else (recipe, 18, seed)): mean + 0.002 * (seed - 1)
        for recipe, mean in MEANS.items()
        for seed in (0, 1, 2)
    }
    folder = tmp_path_factory.mktemp("starts")
    return write_study(folder, depths=(18,), recipes=RECIPES, accuracy=accuracy).study_evidence()


def test_each_start_is_compared_with_the_same_training_from_scratch(study):
    found = find_start_gains(study)

    # Nothing is compared with `slower`, whose rate no recipe from scratch has.
    assert [(gain.scratch, gain.recipe, gain.images) for gain in found] == [
        ("tenth", "tenth_given", 129),
        ("tenth", "tenth_frozen", 129),
        ("reference", "given", 1293),
    ]
    differences = [gain.gains[0].difference for gain in found]
    assert differences == pytest.approx([0.3, 0.2, 0.02], abs=0.002)
    assert all(gain.gains[0].beyond_chance for gain in found)


def test_a_sentence_names_weights_images_and_how_sure_it_is(study):
    (sentence,) = start_gain_sentences(find_start_gains(study)[0])

    assert sentence.startswith(
        "Trained on 129 images with tenth_given, which starts from the weights mine, ResNet-18 was "
        "30.0 points more accurate than with tenth, from scratch, beyond chance (95% interval"
    )


def test_from_scratch_there_is_nothing_to_tell(tmp_path):
    recipes = {"reference": {}, "tenth": {"train_fraction": 0.1}}

    assert find_start_gains(write_study(tmp_path, recipes=recipes).study_evidence()) == ()
