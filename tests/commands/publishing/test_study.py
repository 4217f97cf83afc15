"""A published study gives templates what its files say."""

from pathlib import Path

import pytest
from given.published_study import publish_finished, write_published_study

from resnet_depth.base.errors import UserError
from resnet_depth.commands.publishing.study import open_study
from resnet_depth.report.results_table import as_markdown

ACCURACY = {(18, 0): 0.7342, (18, 1): 0.7342, (18, 2): 0.7342}
SECONDS = {(depth, seed): 100.0 * depth + seed for depth in (18, 34, 50) for seed in (0, 1, 2)}


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    folder = tmp_path_factory.mktemp("study")
    made = write_published_study(folder, accuracy=ACCURACY, train_seconds=SECONDS, lossy=True)
    return open_study(publish_finished(made).parent, "trial")


VALUES = {
    "accuracy": (lambda study: study.estimate(18).mean, 0.7342),
    "seeds": (lambda study: study.estimate(18).n, 3),
    "training": (lambda study: study.training(18)["live_parameters"], 5_590_821),
    "costs": (lambda study: study.cost(50)["train_seconds"]["mean"], 5001),
    "params": (lambda study: study.settings(18)["lr"], 0.001),
    "provenance": (
        lambda study: study.provenance.machine_classes[0].packages["torch"],
        "2.14.1+cpu",
    ),
    "claims": (lambda study: study.claim(2)["verdict"], "supported"),
    "pair": (lambda study: study.pair(2, 18, 34)["difference"], 1600),
    "curves": (lambda study: study.curve(18, epoch=6)["learning_rate_begin"].tolist(), 3 * [0.001]),
    "title": (lambda study: study.title, "Constructed digits (lossy)"),
}


@pytest.mark.parametrize(("value", "expected"), VALUES.values(), ids=VALUES)
def test_what_is_asked_for_is_what_the_files_say(study, value, expected):
    assert value(study) == (expected if isinstance(expected, str) else pytest.approx(expected))


def test_means_of_an_epoch_are_over_the_runs_of_each_depth(study):
    curves = study.curves
    last = curves[curves.epoch == 6].groupby("depth").validation_accuracy.mean()

    assert study.means("validation_accuracy", epoch=6) == pytest.approx(last.tolist())


def test_a_spread_that_an_earlier_study_had_not_is_left_out():
    head = "Network    Test accuracy  Training time"
    row = "ResNet-18      64.7% ± –     12.7 ± – s"

    assert as_markdown(f"Title\n\n{head}\n{'─' * 40}\n{row}\n\nNotes.\n").splitlines()[-1] == (
        "| ResNet-18 | 64.7% | 12.7 s |"
    )


def test_the_table_is_the_published_text_as_markdown(study):
    header, rule, first, *_ = study.results.splitlines()

    assert header.startswith("| Network | Seeds | Test accuracy | Parameters | Alive |")
    assert rule == "| --- |" + 8 * " ---: |"
    assert first.startswith("| ResNet-18 | 3 | 73.4 ± 0.0% | 11.2 M | 5.59 M |")
    assert "| 30.0 ± 0.0 min |" in first
    assert len(study.results.splitlines()) == 5


def test_machine_and_commit_are_told_once_for_all_runs(study):
    assert [machine.split(",")[0] for machine in study.machines] == [
        "Example CPU @ 2.50GHz (family 6"
    ]
    assert "torch 2.14.1+cpu" in study.machines[0]
    assert len(study.commits) == len(study.days) == 1


def test_an_unpublished_study_is_one_clear_line(study):
    with pytest.raises(UserError, match="no published study; published: trial"):
        open_study(study.folder.parent, "other")


@pytest.fixture(scope="module")
def recipes(tmp_path_factory):
    """A study of two recipes, of which the second has a name that pandas takes for no value."""
    accuracy = {**ACCURACY, **{("null", *key): 0.81 for key in ACCURACY}}
    options = {"recipes": ("reference", "null"), "accuracy": accuracy, "shared": [("null", 50, 2)]}
    made = write_published_study(tmp_path_factory.mktemp("recipes"), **options)
    return open_study(publish_finished(made).parent, "trial")


def test_a_publication_has_the_files_and_origins_of_each_recipe(recipes):
    runs = [f"{recipe}/resnet18-seed0" for recipe in ("reference", "null")]

    for run in runs:
        assert (recipes.folder / "training" / f"{run}.json").is_file()
        assert (recipes.folder / "curves" / f"{run}.csv").is_file()
    assert recipes.provenance.recipes == ("reference", "null")
    assert [each.run for each in recipes.provenance.training][::9] == runs
    assert [each.recipe for each in recipes.provenance.inference][::3] == ["reference", "null"]
    assert recipes.provenance.shared_timings["training"] == ["null/resnet50-seed2"]


def test_a_study_is_of_its_first_recipe_and_gives_the_others(recipes):
    other = recipes.by("null")

    assert (recipes.recipe, other.recipe) == ("reference", "null")
    assert [each.estimate(18).mean for each in (recipes, other)] == pytest.approx([0.7342, 0.81])
    assert other.training(18)["recipe"] == "null"
    assert other.cost(18)["recipe"] == other.claim(1)["recipe"] == "null"
    assert recipes.cost(18)["recipe"] == recipes.claim(1)["recipe"] == "reference"
    assert len(other.curve(18, 6)) == len(other.seeds) == 3
    assert other.accuracy_means.runs[18] == pytest.approx([0.81, 0.81, 0.81])


def test_a_recipe_that_the_study_lacks_is_one_clear_line(recipes):
    with pytest.raises(UserError, match="trial has no recipe fsat; it has reference, null"):
        recipes.by("fsat")


def test_a_study_without_the_reference_is_of_the_recipe_it_has(tmp_path):
    made = write_published_study(tmp_path, recipes=("fast",), accuracy=ACCURACY)
    study = open_study(publish_finished(made).parent, "trial")

    assert study.recipe == "fast"
    assert study.estimate(18).mean == pytest.approx(0.7342)
    assert study.settings(18)["optimizer"] == "muon"


def test_a_study_of_the_time_before_recipes_is_read_as_of_the_reference():
    study = open_study(Path(__file__).parents[3] / "docs" / "results", "cifar10_jpeg_64_pixels")

    assert study.recipe == "reference"
    assert study.accuracies[18] == study.accuracy["test_accuracy"].tolist()
    assert study.training(18, 1)["seed"] == 1
    assert study.cost(18)["depth"] == 18
    assert study.claim(1)["claim"] == 1
    assert study.settings(18)["image_size"] == 64
    assert study.accuracy_means.images == 10_000


def test_a_file_is_read_once(study):
    assert study.costs is study.costs
