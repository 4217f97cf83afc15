"""Figure of how well each class is recognised, by depth."""

from resnet_depth.evidence.evidence import Evidence
from resnet_depth.evidence.wording import by_network, percent
from resnet_depth.report.figures.accuracy import subject
from resnet_depth.report.figures.drawing import (
    COLOURS,
    GRID,
    MARKERS,
    Plate,
    depth_legend,
    limit_to_possible,
    new_figure,
    percent_axis,
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
    marks = " Mark: mean over seeds; line: from the lowest to the highest seed."
    if len(evidence.seeds) == 1:
        marks = ""
    hardest = "the hardest on top"
    if len(shown) < len(names):
        hardest = f"the {len(shown)} hardest of {len(names)}"
    title = "Test accuracy of each class"
    figure = new_figure(
        title,
        f"{subject(evidence)}. Classes by their mean accuracy, {hardest}.{marks}",
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
    axes.set_yticks(range(len(shown)), [shortened(name, 24) for name in shown])
    axes.set_ylim(len(shown) - 0.45, -0.55)
    axes.tick_params(axis="y", length=0)
    axes.grid(visible=False, axis="y")
    axes.grid(visible=True, axis="x")
    limit_to_possible(axes, "x")
    percent_axis(axes.xaxis)
    axes.set_xlabel("Test accuracy of the class (%)")
    depth_legend(axes, depths)
    caption = (
        "Of the images of a class, the share that is recognised. Order of the classes: by the mean "
        "over all depths and seeds. The axis needn't begin at zero."
    )
    alt = f"Hardest: {_told(evidence, shown[0])}; easiest: {_told(evidence, names[-1])}."
    if len(names) == 1:
        alt = f"The one class: {_told(evidence, shown[0])}."
    return Plate("class_accuracy", title, caption, alt, figure)


def _told(evidence: Evidence, name: str) -> str:
    """Return a class with each depth's mean accuracy on it."""
    rows = evidence.per_class[evidence.per_class["class"] == name]
    means = {
        depth: percent(float(rows[rows["depth"] == depth]["accuracy"].mean()))
        for depth in evidence.depths
    }
    return f"{name} ({by_network(means)})"
