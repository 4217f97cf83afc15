"""Figures of recipes beside each other: what they reach at each depth, and in how much time."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import cycle
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from resnet_depth.evidence.evidence import Evidence, StudyEvidence
from resnet_depth.evidence.statistics import Estimate
from resnet_depth.evidence.wording import (
    by_network,
    duration_unit,
    interval_name,
    listed,
    network_title,
    percent,
    plural,
)
from resnet_depth.report.figures.drawing import (
    COLOURS,
    INK,
    MARKERS,
    MUTED,
    Plate,
    accuracy_axis,
    interval,
    new_figure,
    number_axis,
    percent_axis,
    side_by_side,
)
from resnet_depth.report.figures.line_names import (
    LINES,
    height_of_names,
    name_lines,
    name_marks,
)


def accuracy_by_recipe(found: Mapping[str, Mapping[int, Estimate]], of_what: str) -> Plate:
    """Draw mean test accuracy by depth, a line per recipe.

    Args:
        found: Each recipe's means by depth, all of the same depths.
        of_what: The subtitle, see `means_over`.
    """
    title = "Test accuracy by depth and recipe"
    depths = list(next(iter(found.values())))
    names = [network_title(depth) for depth in depths]
    figure, axes = side_by_side(title, of_what, names, tuple(found))
    for k, (recipe, line) in enumerate(_with_lines(found)):
        places = np.arange(len(depths)) + 0.12 * (k - (len(found) - 1) / 2)
        estimates = found[recipe]
        means = [estimate.mean for estimate in estimates.values()]
        axes.plot(places, means, color=MUTED, ls=line, lw=1.4, zorder=1.5)
        for x, (depth, estimate) in zip(places, estimates.items(), strict=True):
            if estimate.half_width is not None:
                interval(axes, x, estimate.mean, estimate.half_width, COLOURS[depth])
            axes.plot(x, estimate.mean, MARKERS[depth], color=COLOURS[depth], ms=8, mec="white")
    _name_lines(axes, tuple(found))
    accuracy_axis(axes, "Test accuracy (%)")
    told = [f"{recipe}: {_means(estimates)}" for recipe, estimates in found.items()]
    alt = f"Mean test accuracy. {'. '.join(told)}."
    caption = "Each mark is one network, trained by one recipe."
    if len(depths) > 1:
        caption = "Where two lines aren't parallel, the effect of depth depends on the recipe."
    if any(each.beyond_fractions for own in found.values() for each in own.values()):
        caption += " Intervals end at 0 and 100%."
    return Plate("accuracy_by_recipe", title, caption, alt, figure)


def of_means(evidence: Evidence) -> str:
    """Return the subtitle of a figure of mean test accuracies: of what they are."""
    count = len(evidence.seeds)
    return means_over(count, evidence.title, evidence.card.counts["test"], evidence.confidence)


def means_over(seeds: int, title: str, images: int, confidence: float) -> str:
    """Return that subtitle for so many seeds; `confidence` in (0, 1)."""
    text = f"{title}, {plural(seeds, 'seed')} per network, {images:,} test images."
    return text if seeds == 1 else f"{text} Means over seeds with {interval_name(confidence)}s."


def accuracy_over_time(study: StudyEvidence) -> Plate:
    """Draw validation accuracy after each epoch against the minutes trained until then."""
    evidence = study.first
    part = "validation" if evidence.card.counts["validation"] else "train"
    images = {"validation": "validation", "train": "training"}[part]
    timed = [record for own in study.by_recipe.values() for record in own.durations.values()]
    length, unit = duration_unit(max(sum(record.epoch_seconds) for record in timed))
    title = "Accuracy over training time"
    means = f", means over {len(evidence.seeds)} seeds" if len(evidence.seeds) > 1 else ""
    subtitle = (
        f"{evidence.title}{means}: accuracy on the {images} images after each epoch, and the "
        "training time until then."
    )
    extra = height_of_names(study.recipes, 7.5)
    figure = new_figure(title, subtitle, width=7.5, height=3.2 + extra)
    axes = figure.subplots()
    axes.grid(visible=True, axis="both")
    for recipe, line in _with_lines(study.recipes):
        own = study.by_recipe[recipe]
        for depth in own.depths:
            records = [record for run, record in own.durations.items() if run.depth == depth]
            spent = np.cumsum([record.epoch_seconds for record in records], axis=1).mean(axis=0)
            rows = own.curves[own.curves["depth"] == depth]
            reached = rows.groupby("epoch")[f"{part}_accuracy"].mean()
            marker, colour = MARKERS[depth], COLOURS[depth]
            axes.plot(spent / length, reached, marker, color=colour, ls=line, ms=4, lw=1.6)
    number_axis(axes.xaxis, f"Training time ({unit})")
    axes.set_xlim(left=0)
    percent_axis(axes.yaxis, f"{images.capitalize()} accuracy (%)")
    name_marks(axes, [(network_title(d), MARKERS[d], COLOURS[d]) for d in evidence.depths])
    _name_lines(axes, study.recipes)
    caption = "Find the time you have on the axis below; the highest line there does best by then."
    if any(record.shared for record in timed):
        caption += " Some times were taken while others used the machine."
    recipes = listed(list(study.recipes))
    alt = f"{images.capitalize()} accuracy over time by the recipes {recipes}."
    return Plate("accuracy_over_time", title, caption, alt, figure)


def _with_lines(recipes: Iterable[str]) -> list[tuple[str, Any]]:
    """Return each recipe with the line that it is drawn by."""
    return list(zip(recipes, cycle(LINES), strict=False))


def _name_lines(axes: Axes, recipes: Sequence[str]) -> None:
    """Say which line is which recipe's, above the panel."""
    name_lines(axes, recipes, [line for _, line in _with_lines(recipes)], INK)


def _means(found: Mapping[int, Estimate]) -> str:
    """Return each depth's mean in words."""
    return by_network({depth: percent(estimate.mean) for depth, estimate in found.items()})
