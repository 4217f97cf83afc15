"""Figures of what networks learnt: curves, accuracy by depth, confusion matrices."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import PowerNorm
from matplotlib.patches import Rectangle
from matplotlib.ticker import LogLocator, MaxNLocator, NullFormatter

from resnet_depth.evidence.evidence import Evidence
from resnet_depth.evidence.wording import (
    by_network,
    count,
    interval_name,
    listed,
    network_title,
    percent,
    plural,
    significant,
)
from resnet_depth.report.figures.drawing import (
    COLOURS,
    INK,
    MARKERS,
    MUTED,
    Plate,
    accuracy_axis,
    column_a_depth,
    interval,
    label,
    new_figure,
    percent_axis,
    side_by_side,
    spread_of_points,
)

# More classes than this leave no room for numbers or names.
MOST_NUMBERED_CLASSES = 12
MOST_NAMED_CLASSES = 26


def subject(evidence: Evidence) -> str:
    """Return the words on dataset and seeds that begin every subtitle."""
    recipe = "" if evidence.alone else f" by recipe {evidence.recipe}"
    return f"{evidence.title}{recipe}, {plural(len(evidence.seeds), 'seed')} a depth"


def means_told(evidence: Evidence, rows: pd.DataFrame, column: str) -> str:
    """Return each depth's mean of a column of fractions, in percent, as an enumeration."""
    means = {d: rows[rows["depth"] == d][column].mean() for d in evidence.depths}
    return by_network({depth: percent(float(mean)) for depth, mean in means.items()})


def learning_curves(evidence: Evidence) -> Plate:
    """Draw loss and accuracy over the epochs, one column of panels a depth."""
    curves, parts = evidence.curves, ["train"]
    name = lines = "training"
    caption = (
        "Values are means over an epoch's batches, taken while the weights changed; no part was "
        "held out for validation."
    )
    if curves["validation_loss"].notna().any():
        parts, name = ["train", "validation"], "validation"
        images = f"{evidence.card.counts['validation']:,} held out of training"
        lines = f"solid: validation ({images}); dashed: training"
        caption = (
            "Training values are means over an epoch's batches, taken while the weights changed; "
            "validation values are taken after the epoch."
        )
    subtitle = f"{subject(evidence)}. Thin: each seed; thick: their mean; {lines}."
    figure, grid = column_a_depth("Learning curves", subtitle, evidence.depths, 4.4)
    for row, quantity in zip(grid, ("loss", "accuracy"), strict=True):
        for axes, depth in zip(row, evidence.depths, strict=True):
            runs = curves[curves["depth"] == depth]
            for part in parts:
                dashed = part != parts[-1]
                _curve(axes, runs, f"{part}_{quantity}", COLOURS[depth], dashed=dashed)
    loss, accuracy = grid[:, 0]
    # The first epochs' loss can be many times that of the last.
    loss.set_yscale("log")
    loss.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    loss.yaxis.set_major_formatter("{x:g}")
    loss.yaxis.set_minor_formatter(NullFormatter())
    loss.set_ylabel("Loss (nats, logarithmic)")
    percent_axis(accuracy.yaxis, "Accuracy (%)")
    for axes in grid[1]:
        axes.set_xlabel("Epoch")
        axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=6, min_n_ticks=1))
    last = curves[curves["epoch"] == curves["epoch"].max()]
    ends = means_told(evidence, last, f"{parts[-1]}_accuracy")
    alt = f"Loss falls and accuracy rises over the epochs; mean {name} accuracy at the end: {ends}."
    return Plate("learning_curves", "Learning curves", caption, alt, figure)


def _curve(axes: Axes, runs: pd.DataFrame, column: str, colour: str, *, dashed: bool) -> None:
    """Draw a column over the epochs: each seed thin, the mean thick."""
    line = (0, (3.5, 1.8)) if dashed else "-"
    for _, rows in runs.groupby("seed"):
        axes.plot(rows["epoch"], rows[column], color=colour, linestyle=line, lw=0.8, alpha=0.4)
    mean = runs.groupby("epoch")[column].mean()
    marker = ""
    if len(mean) == 1:
        # One epoch makes no line, and no range of epochs either.
        axes.set_xlim(0.5, 1.5)
        axes.plot(runs["epoch"], runs[column], "o", color=colour, ms=3, alpha=0.4)
        marker = "s" if dashed else "D"
    axes.plot(mean.index, mean, color=colour, ls=line, lw=2.0, marker=marker, ms=4)


def accuracy_by_depth(evidence: Evidence) -> Plate:
    """Draw test accuracy by depth: every seed, the mean and its interval."""
    name = interval_name(evidence.confidence)
    marks = f"Small: each seed; large: their mean with its {name} (Student's t)."
    caption = (
        f"The interval is of the mean over seeds: it would hold the mean of endlessly many seeds "
        f"in {percent(evidence.confidence, 0)} of such studies. It is drawn as far "
        "as accuracies go, 0 to 100%."
    )
    if len(evidence.seeds) == 1:
        marks = "The one seed a depth; no interval can be given."
        caption = "One run a depth says nothing of how much another seed would change it."
    title, tested = "Test accuracy by depth", f"{evidence.card.counts['test']:,} test images"
    subtitle = f"{subject(evidence)}, {tested}. {marks}"
    names = [network_title(depth) for depth in evidence.depths]
    figure, axes = side_by_side(title, subtitle, names)
    for place, (depth, found) in enumerate(evidence.estimates.items()):
        colour, marker, values = COLOURS[depth], MARKERS[depth], evidence.accuracies[depth]
        if found.half_width is not None:
            interval(axes, place, found.mean, found.half_width, colour)
            for k, value in enumerate(values):
                x = place - 0.28 + spread_of_points(k, len(values))
                axes.plot(x, value, marker, color=colour, ms=4, alpha=0.55, mew=0)
        axes.plot(place, found.mean, marker, color=colour, ms=9, mec="white", mew=1)
        mean, at = percent(found.mean), (place, found.mean)
        label(axes, mean, at, (11, 0), va="center", weight="bold", color=colour)
    accuracy_axis(axes, "Test accuracy (%)")
    axes.yaxis.set_major_locator(MaxNLocator(nbins=6))
    told = {depth: percent(found.mean) for depth, found in evidence.estimates.items()}
    alt = f"Mean test accuracy: {by_network(told)}."
    caption += " The axis needn't begin at zero."
    return Plate("accuracy_by_depth", title, caption, alt, figure)


def confusion_matrix(evidence: Evidence, depth: int) -> Plate:
    """Draw which classes a depth takes for which, as shares of the actual class."""
    names = evidence.card.class_names
    rows = evidence.confusion[evidence.confusion["depth"] == depth]
    shares = rows["fraction"].to_numpy(dtype=float).reshape(len(names), len(names))
    wrong = [(share, i, j) for (i, j), share in np.ndenumerate(shares) if i != j and share > 0]
    worst = sorted(wrong, key=lambda cell: -cell[0])[:3]
    subtitle = f"{subject(evidence)}, summed; percent of a row."
    most = "No image was taken for another class."
    if worst:
        framed = [f"{names[i]} → {names[j]} ({percent(share)})" for share, i, j in worst]
        subtitle += f" Framed, most confused: {', '.join(framed)}."
        pairs = [f"{names[i]} taken for {names[j]} ({percent(share)})" for share, i, j in worst]
        most = f"Most often: {listed(pairs)}."
    title = f"{network_title(depth)}: confusion matrix"
    figure = new_figure(title, subtitle, width=4.4, height=4.2)
    axes = figure.subplots()
    axes.grid(visible=False)
    axes.spines[:].set_visible(False)
    # The square root makes few mistakes visible beside the many right answers.
    image = axes.imshow(shares, cmap="Blues", norm=PowerNorm(0.5, 0, 1))
    image.set_interpolation("nearest")
    _name_classes(axes, names)
    if len(names) <= MOST_NUMBERED_CLASSES:
        for (i, j), share in np.ndenumerate(shares):
            if share > 0:
                colour = "white" if share > 0.35 else INK
                # Short enough for a cell.
                text = significant(100 * share) if share < 0.00995 else f"{100 * share:.0f}"
                axes.text(j, i, text, ha="center", va="center", size=7.5, color=colour)
    for _, i, j in worst:
        frame = Rectangle((j - 0.5, i - 0.5), 1, 1, fill=False, ec=INK, lw=1.2, clip_on=False)
        axes.add_patch(frame)
    axes.set_xlabel("Predicted class")
    axes.set_ylabel("Actual class")
    images = int(rows["count"].sum())
    caption = f"{count(images) if images >= 1e5 else images} predictions. {most} "
    caption += "Colour goes with the square root of the share."
    return Plate(f"confusion_resnet{depth}", title, caption, f"{title}. {most}", figure)


def _name_classes(axes: Axes, names: Sequence[str]) -> None:
    """Write the classes' names on both axes, every second, third, … of many."""
    places = range(0, len(names), -(-len(names) // MOST_NAMED_CLASSES))
    shown = [names[place] for place in places]
    crowded = len(shown) > MOST_NUMBERED_CLASSES
    if max(map(len, shown)) <= 2:
        axes.set_xticks(places, shown)
    else:
        turned, va = (90, "center") if crowded else (45, "top")
        axes.set_xticks(places, shown, rotation=turned, ha="right", va=va, rotation_mode="anchor")
    axes.set_yticks(places, shown)
    axes.tick_params(length=0, labelcolor=MUTED, labelsize=6 if crowded else 8.5)
