"""Figures of recipes beside each other: what they reach at each depth, and in how much time."""

from itertools import cycle
from typing import Any

import numpy as np
from matplotlib.axes import Axes

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


def accuracy_by_recipe(study: StudyEvidence) -> Plate:
    """Draw mean test accuracy by depth, a line per recipe."""
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
    told = [f"{recipe}: {_means(own)}" for recipe, own in study.by_recipe.items()]
    alt = f"Mean test accuracy. {'. '.join(told)}."
    caption = "Each mark is one network, trained by one recipe."
    if len(evidence.depths) > 1:
        caption = "Where two lines aren't parallel, the effect of depth depends on the recipe."
    estimates = [each for own in study.by_recipe.values() for each in own.estimates.values()]
    if any(each.beyond_fractions for each in estimates):
        caption += " Intervals end at 0 and 100%."
    return Plate("accuracy_by_recipe", title, caption, alt, figure)


def of_means(evidence: Evidence) -> str:
    """Return the subtitle of a figure of mean test accuracies: of what they are."""
    text = (
        f"{evidence.title}, {plural(len(evidence.seeds), 'seed')} per network, "
        f"{evidence.card.counts['test']:,} test images."
    )
    name = interval_name(evidence.confidence)
    return text if len(evidence.seeds) == 1 else f"{text} Means over seeds with {name}s."


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
    for own, line in _with_lines(study):
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
    _name_lines(axes, study)
    caption = "Find the time you have on the axis below; the highest line there does best by then."
    if any(record.shared for record in timed):
        caption += " Some times were taken while others used the machine."
    recipes = listed(list(study.recipes))
    alt = f"{images.capitalize()} accuracy over time by the recipes {recipes}."
    return Plate("accuracy_over_time", title, caption, alt, figure)


def _with_lines(study: StudyEvidence) -> list[tuple[Evidence, Any]]:
    """Return each recipe's evidence with the line that it is drawn by."""
    return list(zip(study.by_recipe.values(), cycle(LINES), strict=False))


def _name_lines(axes: Axes, study: StudyEvidence) -> None:
    """Say which line is which recipe's, above the panel."""
    name_lines(axes, study.recipes, [line for _, line in _with_lines(study)], INK)


def _means(own: Evidence) -> str:
    """Return each depth's mean test accuracy in words."""
    return by_network({depth: percent(found.mean) for depth, found in own.estimates.items()})
