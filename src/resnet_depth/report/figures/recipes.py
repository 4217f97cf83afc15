"""Figures of recipes beside each other: what they reach at each depth, and in how much time."""

from collections.abc import Sequence
from itertools import cycle
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from resnet_depth.evidence.evidence import Evidence, StudyEvidence
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
    percent_axis,
    side_by_side,
)
from resnet_depth.report.figures.line_names import LINES, height_of_names, name_lines


def accuracy_by_recipe(study: StudyEvidence) -> Plate:
    """Draw mean test accuracy by depth, a line a recipe."""
    evidence = study.first
    title = "Test accuracy by depth and recipe"
    names = [network_title(depth) for depth in evidence.depths]
    figure, axes = side_by_side(title, of_means(evidence), names, study.recipes)
    count = len(study.recipes)
    for k, (own, line) in enumerate(_with_lines(study)):
        places = np.arange(len(own.depths)) + 0.12 * (k - (count - 1) / 2)
        means = [found.mean for found in own.estimates.values()]
        axes.plot(places, means, color=MUTED, ls=line, lw=1.4, zorder=1.5)
        for x, (depth, found) in zip(places, own.estimates.items(), strict=True):
            if found.half_width is not None:
                interval(axes, x, found.mean, found.half_width, COLOURS[depth])
            axes.plot(x, found.mean, MARKERS[depth], color=COLOURS[depth], ms=8, mec="white")
    _name_lines(axes, study)
    accuracy_axis(axes, "Test accuracy (%)")
    axes.yaxis.set_major_locator(MaxNLocator(nbins=6))
    told = [f"{recipe}: {_means(own)}" for recipe, own in study.by_recipe.items()]
    alt = f"Mean test accuracy. {'. '.join(told)}."
    caption = "Where two lines aren't parallel, what depth brings depends on the recipe. "
    caption += "Intervals are of each mean over seeds, drawn as far as accuracies go."
    return Plate("accuracy_by_recipe", title, caption, alt, figure)


def of_means(evidence: Evidence) -> str:
    """Return the subtitle of a figure of mean test accuracies: of what they are."""
    text = (
        f"{evidence.title}, {plural(len(evidence.seeds), 'seed')} a network, "
        f"{evidence.card.counts['test']:,} test images. Means over seeds"
    )
    alone = len(evidence.seeds) == 1
    return f"{text}." if alone else f"{text} with {interval_name(evidence.confidence)}s."


def accuracy_over_time(study: StudyEvidence) -> Plate:
    """Draw validation accuracy after each epoch against the minutes trained until then."""
    evidence = study.first
    part = "validation" if evidence.card.counts["validation"] else "train"
    longest = max(
        sum(record.epoch_seconds)
        for own in study.by_recipe.values()
        for record in own.durations.values()
    )
    length, unit = duration_unit(longest)
    title = "Accuracy over training time"
    subtitle = (
        f"{evidence.title}, means over {plural(len(evidence.seeds), 'seed')}: accuracy on the "
        f"{part} images after each epoch, and the time trained until then."
    )
    extra = height_of_names(study.recipes, 7.5)
    figure = new_figure(title, subtitle, width=7.5, height=3.2 + extra)
    axes = figure.subplots()
    axes.grid(visible=True, axis="both")
    for own, line in _with_lines(study):
        for depth in own.depths:
            records = [record for run, record in own.durations.items() if run.depth == depth]
            spent = np.cumsum([record.epoch_seconds for record in records], axis=1).mean(axis=0)
            rows = own.curves[own.curves["depth"] == depth]
            reached = rows.groupby("epoch")[f"{part}_accuracy"].mean()
            marker, colour = MARKERS[depth], COLOURS[depth]
            axes.plot(spent / length, reached, marker, color=colour, ls=line, ms=4, lw=1.6)
    axes.set_xlim(left=0)
    axes.set_xlabel(f"Training time ({unit})")
    percent_axis(axes.yaxis, f"{part.capitalize()} accuracy (%)")
    name_networks(axes, evidence.depths)
    _name_lines(axes, study)
    caption = (
        "Read upwards from the time you have. Means over seeds; times taken while others used the "
        "machine are among them."
    )
    recipes = listed(list(study.recipes))
    alt = f"{part.capitalize()} accuracy rises with time by the recipes {recipes}."
    return Plate("accuracy_over_time", title, caption, alt, figure)


def name_networks(axes: Axes, depths: Sequence[int]) -> None:
    """Say in a panel which colour and marker is which network's, beside other legends."""
    handles = [
        Line2D([], [], color=COLOURS[d], marker=MARKERS[d], ls="", label=network_title(d))
        for d in depths
    ]
    axes.add_artist(axes.legend(handles=handles, loc="lower right", frameon=False))


def _with_lines(study: StudyEvidence) -> list[tuple[Evidence, Any]]:
    """Return each recipe's evidence with the line that it is drawn by."""
    return list(zip(study.by_recipe.values(), cycle(LINES), strict=False))


def _name_lines(axes: Axes, study: StudyEvidence) -> None:
    """Say which line is which recipe's, above the panel."""
    name_lines(axes, study.recipes, [line for _, line in _with_lines(study)], INK)


def _means(own: Evidence) -> str:
    """Return each depth's mean test accuracy in words."""
    return by_network({depth: percent(found.mean) for depth, found in own.estimates.items()})
