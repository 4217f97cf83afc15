"""Figure of what trained weights buy as a start, by how many images there are to train on."""

from collections.abc import Sequence
from typing import Any

from matplotlib.lines import Line2D

from resnet_depth.evidence.evidence import StudyEvidence
from resnet_depth.evidence.statistics import Estimate
from resnet_depth.evidence.wording import listed, network_title, percent
from resnet_depth.findings.start_gains import StartGain
from resnet_depth.report.figures.drawing import (
    COLOURS,
    INK,
    MARKERS,
    Plate,
    accuracy_axis,
    interval,
    new_figure,
)
from resnet_depth.report.figures.recipes import of_means

# From scratch and from weights; colour is the depth's.
LINES: dict[bool, Any] = {False: (0, (3, 2)), True: "-"}


def accuracy_by_start(study: StudyEvidence, gains: Sequence[StartGain]) -> Plate:
    """Draw mean test accuracy over the number of training images, from scratch and from weights.

    Of weights and ways to freeze them each has a line of its own.
    """
    evidence = study.first
    title = "Test accuracy from scratch and from trained weights"
    figure = new_figure(title, of_means(evidence), width=6, height=3.2)
    axes = figure.subplots()
    for depth in evidence.depths:
        for started, line in _lines(study, gains, depth):
            colour = COLOURS[depth]
            images, means = [count for count, _ in line], [found.mean for _, found in line]
            fill = colour if started else "white"
            axes.plot(images, means, MARKERS[depth], color=colour, ls=LINES[started], mfc=fill)
            for count, found in line:
                if found.half_width is not None:
                    interval(axes, count, found.mean, found.half_width, colour)
    axes.set_xscale("log")
    counts = sorted({gain.images for gain in gains})
    axes.set_xticks(counts, [f"{count:,}" for count in counts])
    axes.minorticks_off()
    axes.set_xlabel("Training images")
    accuracy_axis(axes, "Test accuracy (%)")
    axes.legend(handles=_legend(evidence.depths), loc="lower right", frameon=False)
    caption = "Filled: the same training from weights. Hollow and dashed: from scratch. "
    caption += f"The weights: {listed(sorted({gain.title for gain in gains}))}."
    told = [
        f"{gain.images:,} images: {network_title(depth)} "
        f"{percent(study.by_recipe[gain.recipe].estimates[depth].mean)} from weights, "
        f"{percent(study.by_recipe[gain.scratch].estimates[depth].mean)} from scratch"
        for gain in gains
        for depth in evidence.depths
    ]
    return Plate("accuracy_by_start", title, caption, f"{'. '.join(told)}.", figure)


def _lines(
    study: StudyEvidence, gains: Sequence[StartGain], depth: int
) -> list[tuple[bool, list[tuple[int, Estimate]]]]:
    """Return a depth's lines: whether they start from weights, and estimates by images."""
    groups: dict[tuple[str, str], list[tuple[int, Estimate]]] = {}
    for gain in gains:
        for recipe in (gain.scratch, gain.recipe):
            settings = study.by_recipe[recipe].settings
            point = gain.images, study.by_recipe[recipe].estimates[depth]
            line = groups.setdefault((settings.weights, settings.freeze), [])
            if point not in line:
                line.append(point)
    scratch = study.by_recipe[gains[0].scratch].settings
    return [(key != (scratch.weights, scratch.freeze), line) for key, line in groups.items()]


def _legend(depths: Sequence[int]) -> list[Line2D]:
    networks = [
        Line2D([], [], color=COLOURS[d], marker=MARKERS[d], label=network_title(d)) for d in depths
    ]
    ways = [
        Line2D([], [], color=INK, ls=LINES[started], label=label)
        for started, label in ((True, "from weights"), (False, "from scratch"))
    ]
    return [*networks, *ways]
