"""Figure of how well each class is recognised, by depth."""

from collections.abc import Sequence

from matplotlib.axes import Axes

from resnet_depth.evidence.evidence import Evidence
from resnet_depth.evidence.wording import network_title
from resnet_depth.report.figures.accuracy import means_told, subject
from resnet_depth.report.figures.drawing import (
    COLOURS,
    GRID,
    MARKERS,
    Plate,
    accuracy_axis,
    new_figure,
    rows_of,
    shortened,
)

# With more classes than this the hardest are drawn.
MOST_CLASSES = 20


def class_accuracies(evidence: Evidence) -> Plate:
    """Draw the test accuracy of each class and depth, the hardest class on top."""
    rows = evidence.per_class.dropna(subset="accuracy")
    # Equally hard ones keep the dataset's order.
    order = {name: k for k, name in enumerate(evidence.card.class_names)}
    means = rows.groupby("class")["accuracy"].mean()
    names = sorted(means.index, key=lambda name: (means[name], order[name]))
    shown, depths = names[:MOST_CLASSES], evidence.depths
    marks = ""
    if len(evidence.seeds) > 1:
        marks = " Mark: mean over seeds; line: from the lowest to the highest seed."
    sorting = "Sorted by mean accuracy, the hardest class on top."
    if len(shown) < len(names):
        sorting = f"The {len(shown)} hardest of {len(names)} classes, by mean accuracy."
    title = "Test accuracy of each class"
    figure = new_figure(
        title,
        f"{subject(evidence)}. {sorting}{marks}",
        width=7.5,
        height=0.85 + (0.14 + 0.09 * len(depths)) * len(shown),
    )
    axes = figure.subplots()
    for k, depth in enumerate(depths):
        grouped = rows[rows["depth"] == depth].groupby("class")["accuracy"]
        for place, name in enumerate(shown):
            y = place + 0.5 * (k - (len(depths) - 1) / 2) / max(1, len(depths) - 1)
            values = grouped.get_group(name)
            if len(values) > 1:
                axes.hlines(y, values.min(), values.max(), color=COLOURS[depth], lw=1.3, alpha=0.7)
            axes.plot(values.mean(), y, MARKERS[depth], color=COLOURS[depth], ms=5.5, mec="white")
    for place in range(len(shown) - 1):
        axes.axhline(place + 0.5, color=GRID, lw=0.8, zorder=0)
    rows_of(axes, [shortened(name, 24) for name in shown])
    axes.set_ylim(len(shown) - 0.45, -0.55)
    accuracy_axis(axes, "Test accuracy of the class (%)", "x")
    _name_depths(axes, depths)
    caption = "The share of a class's test images that is classified correctly."
    if axes.get_xlim()[0] > 0:
        caption += " The axis doesn't start at zero."
    first, last = (
        f"{name} ({means_told(evidence, rows[rows['class'] == name], 'accuracy')})"
        for name in (names[0], names[-1])
    )
    alt = f"Hardest: {first}; easiest: {last}." if len(names) > 1 else f"The one class: {first}."
    return Plate("class_accuracy", title, caption, alt, figure)


def _name_depths(axes: Axes, depths: Sequence[int]) -> None:
    """Name the depths with their marks in one line above the axes, in their order."""
    for depth in depths:
        name = network_title(depth)
        axes.plot([], [], MARKERS[depth], color=COLOURS[depth], ms=6, mec="white", label=name)
    axes.legend(
        loc="lower left",
        bbox_to_anchor=(0, 1),
        ncols=len(depths),
        frameon=False,
        borderaxespad=0.2,
        borderpad=0.2,
        handletextpad=0.1,
        columnspacing=1.2,
        labelcolor="linecolor",
    )
