"""Figures that documents draw, of several published studies together."""

from collections.abc import Sequence

from matplotlib import rc_context

from resnet_depth.commands.publishing.pooling import pooled_depths
from resnet_depth.commands.publishing.study import Study
from resnet_depth.evidence.statistics import estimate_mean
from resnet_depth.report.figures import recipes
from resnet_depth.report.figures.draw import as_svg
from resnet_depth.report.figures.drawing import STYLE


def accuracy_by_recipe(studies: Sequence[Study]) -> str:
    """Return the report's figure of mean test accuracies as SVG, of all runs of `pooled` studies.

    Raises:
        UserError: As `pooled_depths`.
    """
    first = studies[0]
    found = {
        recipe: {
            depth: estimate_mean(values, first.confidence)
            for depth, values in pooled_depths(studies, recipe).means.runs.items()
        }
        for recipe in first.recipes
    }
    seeds = sum(len(each.seeds) for each in studies)
    images = first.provenance.dataset.counts["test"]
    with rc_context(STYLE):
        of_what = recipes.means_over(seeds, first.title, images, first.confidence)
        svg = as_svg(recipes.accuracy_by_recipe(found, of_what).figure)
    # An XML declaration has to come first, where documents say what they are rendered from.
    return svg[svg.index("<svg") :]
