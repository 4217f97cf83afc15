"""Studies as one: of all runs together, and only where their settings are the same."""

import shutil
from dataclasses import asdict
from pathlib import Path

import pandas as pd
import pytest

from resnet_depth.base.errors import UserError
from resnet_depth.commands.publishing.pooling import (
    pooled,
    pooled_depths,
    pooled_gains,
    pooled_rows,
)
from resnet_depth.commands.publishing.study import open_study

LARGER = ("image_size: 32 ", "image_size: 64 ")


def test_pooled_studies_without_predictions_have_the_mean_covariance_over_images(studies):
    first, second = studies("trial"), studies("other")
    for early in (first, second):
        shutil.rmtree(early.folder / "predictions")
    table = second.folder / "tables" / "accuracy.csv"
    accuracy = pd.read_csv(table)
    accuracy["test_accuracy"] += 0.02
    accuracy.to_csv(table, index=False)
    table = second.folder / "tables" / "image_covariance.csv"
    covariance = pd.read_csv(table)
    covariance["covariance"] *= 3
    covariance.to_csv(table, index=False)
    second = open_study(second.folder.parent, "other")

    both = pooled([first, second])

    runs = first.accuracies[18] + second.accuracies[18]
    assert both.runs[18] == runs
    assert len(runs) == 6
    assert both.image_covariance == pytest.approx(2 * first.accuracy_means.image_covariance)
    found = both.contrast({18: -1.0, 34: 1.0}, 0.95)
    alone = first.accuracy_means.contrast({18: -1.0, 34: 1.0}, 0.95)
    assert found.estimate == pytest.approx(alone.estimate)
    assert found.low < found.estimate < found.high


RECIPES = open_study(Path(__file__).parents[3] / "docs" / "results", "cifar10_jpeg_recipes")


@pytest.mark.parametrize("recipe", RECIPES.recipes)
def test_one_studys_runs_alone_give_its_own_finding_of_depth(recipe):
    alone = RECIPES.by(recipe)

    found = pooled_depths([RECIPES], recipe)

    for pair, published in zip(found.pairs, alone.claim(1)["pairs"], strict=True):
        told = asdict(pair)
        assert told | told.pop("run_by_run") == pytest.approx(published, rel=1e-9)
    assert found.verdict == alone.claim(1)["verdict"]


def test_one_studys_runs_alone_give_its_own_finding_of_recipes():
    (found,), (published,) = pooled_gains([RECIPES]), RECIPES.findings["recipes"]

    for key in ("gains", "interactions"):
        for gain, told in zip(getattr(found, key), published[key], strict=True):
            expected = told | {"depths": tuple(told["depths"])}
            assert asdict(gain) == pytest.approx(expected)


def test_twice_the_runs_give_the_same_gains_with_narrower_intervals():
    (alone,), (both,) = pooled_gains([RECIPES]), pooled_gains([RECIPES, RECIPES])

    for once, twice in zip(alone.gains, both.gains, strict=True):
        assert twice.difference == pytest.approx(once.difference)
        assert once.low < twice.low < twice.high < once.high


@pytest.mark.parametrize(
    "changed", [{"params": [LARGER]}, {"depths": [18, 34]}, {"epochs": 2}], ids=str
)
def test_studies_of_other_settings_are_not_pooled(studies, changed):
    with pytest.raises(UserError, match="trial and other can't be pooled: they differ in more"):
        pooled([studies("trial"), studies("other", **changed)])


def test_pooled_rows_are_those_of_each_studys_runs():
    curves = pooled_rows([RECIPES, RECIPES], "fast", "curves")

    own = RECIPES.by("fast").curves
    for half in (curves[: len(own)], curves[len(own) :]):
        assert half.reset_index(drop=True).equals(own.reset_index(drop=True))
