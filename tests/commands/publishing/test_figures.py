"""Figures of several published studies together."""

from pathlib import Path
from xml.etree import ElementTree

from resnet_depth.commands.publishing.figures import accuracy_by_recipe
from resnet_depth.commands.publishing.study import open_study

RECIPES = open_study(Path(__file__).parents[3] / "docs" / "results", "cifar10_jpeg_recipes")


def test_of_one_study_alone_it_is_the_figure_of_its_report():
    published = (RECIPES.folder / "figures" / "accuracy_by_recipe.svg").read_text(encoding="utf-8")

    assert accuracy_by_recipe([RECIPES]) == published[published.index("<svg") :]


def test_of_two_studies_it_is_of_the_seeds_of_both():
    both = ElementTree.fromstring(accuracy_by_recipe([RECIPES, RECIPES]))

    told = " ".join("".join(both.itertext()).split())
    assert f"{2 * len(RECIPES.seeds)} seeds per network" in told
