"""Settings published before there were recipes, in today's form."""

from pathlib import Path

import pytest

from resnet_depth.base.files import read_json
from resnet_depth.base.sections import read_params
from resnet_depth.commands.publishing.earlier import (
    entries_of_earlier,
    params_of_earlier,
    recipe_of_earlier,
)
from resnet_depth.commands.publishing.study import open_study
from resnet_depth.commands.reproducing.lock import outputs_of, stages_of
from resnet_depth.params import Params
from resnet_depth.runs.names import Run
from resnet_depth.training.settings import RecipeSettings

ROOT = Path(__file__).parents[3]
RESULTS = ROOT / "docs" / "results"
EARLIER = sorted(
    path.parent.name
    for path in RESULTS.glob("**/params.yaml")
    if "recipes" not in read_params(path)
)
MAIN = "cifar10_jpeg_4_seeds"
# As these studies were planned, by hand: stem, image size, epochs, step size.
TRAINED_WITH = {
    "cifar10_jpeg": ("imagenet", 32, 5, 0.001),
    MAIN: ("imagenet", 32, 5, 0.001),
    "cifar10_jpeg_64_pixels": ("imagenet", 64, 1, 0.001),
    "cifar10_jpeg_cifar_stem": ("cifar", 32, 1, 0.001),
    "cifar10_jpeg_deeper": ("imagenet", 32, 5, 0.001),
    "cifar10_jpeg_half_stem": ("half", 32, 1, 0.001),
    "cifar10_jpeg_lr_3e-4": ("imagenet", 32, 5, 0.0003),
}


def test_the_earlier_studies_are_still_there():
    assert set(TRAINED_WITH) == set(EARLIER)


@pytest.mark.parametrize("name", EARLIER)
def test_earlier_settings_are_valid_today_and_the_recipe_is_that_trained_with(name):
    study = open_study(RESULTS, name)
    dataset = study.provenance.dataset.key
    for depth in study.depths:
        todays = Params.model_validate(params_of_earlier(study.params, dataset, depth))

        recipe = todays.recipes["reference"]
        record = read_json(study.folder / "training" / f"resnet{depth}-seed{study.seeds[0]}.json")
        assert (recipe.stem, recipe.image_size, recipe.epochs, recipe.lr) == TRAINED_WITH[name]
        assert recipe.epochs * todays.datasets[dataset].epochs_factor == record["epochs"]
        for key in ("stem", "image_size", "batch_size"):
            assert getattr(recipe, key) == record[key]
        assert (recipe.optimizer, recipe.schedule, recipe.flip) == ("adam", "constant", "none")
        assert (todays.study.depths, todays.study.seeds) == (
            tuple(study.depths),
            tuple(study.seeds),
        )


def test_epochs_of_other_datasets_stay_as_many():
    study = open_study(RESULTS, MAIN)

    todays = Params.model_validate(params_of_earlier(study.params, "cifar10_jpeg", 18))

    digits = todays.datasets["digits"].epochs_factor * todays.recipes["reference"].epochs
    assert round(digits) == study.params["datasets"]["digits"]["epochs"] == 6


def test_the_first_study_was_trained_by_todays_reference():
    study = open_study(RESULTS, MAIN)

    earlier = recipe_of_earlier(study.params, "cifar10_jpeg", 50)

    reference = read_params(ROOT / "params.yaml")["recipes"]["reference"]
    assert RecipeSettings.model_validate(earlier) == RecipeSettings.model_validate(reference)


def test_of_an_earlier_run_all_but_the_model_folder_is_compared_by_todays_paths():
    run = Run("reference", 18, 0)
    entries = stages_of(RESULTS / "earlier" / MAIN / "dvc.lock", "cifar10_jpeg")

    todays = entries_of_earlier(entries, "cifar10_jpeg", run)

    instances = [f"{stage}@cifar10_jpeg-reference-18-0" for stage in ("train", "evaluate")]
    published = outputs_of(entries.values())
    assert outputs_of(todays[each] for each in instances) == {
        "data/evaluations/cifar10_jpeg/reference/resnet18-seed0": published[
            "data/evaluations/cifar10_jpeg/resnet18-seed0"
        ]
    }
    assert todays["prepare@cifar10_jpeg"] == entries["prepare@cifar10_jpeg"]
