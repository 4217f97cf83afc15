"""Figures of recipes beside each other: a line a recipe, in the depths' colours."""

import pytest
from given.study_files import write_study

from resnet_depth.report.figures.draw import draw_comparison, write_figures
from resnet_depth.report.figures.drawing import COLOURS

RECIPES = ("reference", "better")


@pytest.mark.parametrize("settings", [{}, {"seeds": (0,)}, {"depths": (34,)}, {"epochs": 1}])
def test_recipes_are_named_beside_each_other_and_colours_stay_the_depths(tmp_path, settings):
    options = {"depths": (18, 34), "seeds": (0, 1), **settings}
    study = write_study(tmp_path / "study", recipes=RECIPES, **options).study_evidence()

    plates = draw_comparison(study, ())
    vectors = write_figures(tmp_path / "figures", {p.name: p for p in plates}, dpi=50)

    assert list(vectors) == ["accuracy_by_recipe", "accuracy_over_time"]
    for plate in plates:
        svg = vectors[plate.name]
        assert all(f">{recipe}<" in svg and recipe in plate.alt for recipe in RECIPES)
        used = {depth for depth, colour in COLOURS.items() if colour in svg}
        assert used == set(options["depths"])
        assert plate.caption.endswith(".")
        assert plate.alt.endswith(".")


def test_captions_are_of_what_is_drawn(tmp_path):
    settings = {"depths": (18,), "seeds": (0, 1), "recipes": RECIPES}
    alone, over_time = draw_comparison(write_study(tmp_path, **settings).study_evidence(), ())
    shared = write_study(tmp_path / "shared", shared=[(18, 0)], **settings).study_evidence()

    assert "parallel" not in alone.caption
    assert "others" not in over_time.caption
    assert "Some times were taken while others used" in draw_comparison(shared, ())[1].caption


def test_accuracy_by_depth_has_a_line_a_recipe_through_its_means(tmp_path):
    study = write_study(tmp_path, recipes=RECIPES, depths=(18, 34), seeds=(0, 1)).study_evidence()
    (axes,) = draw_comparison(study, ())[0].figure.axes
    means = [[f.mean for f in own.estimates.values()] for own in study.by_recipe.values()]

    lines = [line.get_ydata() for line in axes.lines if line.get_lw() == 1.4]

    assert [pytest.approx(line) for line in lines] == means
