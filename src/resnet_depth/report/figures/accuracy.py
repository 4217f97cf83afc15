"""Figures of what networks learnt: curves, accuracy by depth, confusion matrices."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.patches import Rectangle
from matplotlib.ticker import LogLocator, MaxNLocator, NullFormatter

from resnet_depth.evidence.evidence import Evidence
from resnet_depth.evidence.wording import (
    by_network,
    interval_name,
    listed,
    network_title,
    percent,
    plural,
    shortest,
)
from resnet_depth.report.figures.drawing import (
    CELL,
    COLOURS,
    INK,
    MARKERS,
    MUTED,
    ON_CELL,
    Plate,
    accuracy_axis,
    column_a_depth,
    explained,
    interval,
    new_figure,
    percent_axis,
    side_by_side,
    spread_of_points,
    value_below,
)

# More classes than this leave no room for numbers or names.
MOST_NUMBERED_CLASSES = 12
MOST_NAMED_CLASSES = 26


def subject(evidence: Evidence) -> str:
    """Return the words on dataset and seeds that begin every subtitle."""
    recipe = "" if evidence.alone else f", recipe {evidence.recipe}"
    return f"{evidence.title}{recipe}, {plural(len(evidence.seeds), 'seed')} per depth"


def means_told(evidence: Evidence, rows: pd.DataFrame, column: str) -> str:
    """Return each depth's mean of a column of fractions, in percent, as an enumeration."""
    means = {d: rows[rows["depth"] == d][column].mean() for d in evidence.depths}
    return by_network({depth: percent(float(mean)) for depth, mean in means.items()})


def learning_curves(evidence: Evidence) -> Plate:
    """Draw loss and accuracy over the epochs, one column of panels per depth."""
    curves, parts, name = evidence.curves, ["train"], "training"
    caption = (
        "Values are averaged over each epoch's batches, while the weights still change; no images "
        "were held out for validation."
    )
    if curves["validation_loss"].notna().any():
        parts, name = ["train", "validation"], "validation"
        caption = (
            "Training values are averaged over each epoch's batches, while the weights still "
            "change; validation values are measured after each epoch."
        )
    subtitle = f"{subject(evidence)}.{explained(_curve_marks(evidence, parts))}"
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
    loss.yaxis.set_major_formatter(lambda value, _: shortest(value))
    loss.yaxis.set_minor_formatter(NullFormatter())
    loss.set_ylabel("Loss (nats, logarithmic)")
    percent_axis(accuracy.yaxis, "Accuracy (%)")
    for axes in grid[1]:
        axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=6, min_n_ticks=1))
        axes.xaxis.set_major_formatter(lambda value, _: shortest(value))
        axes.set_xlabel("Epoch")
    last = curves[curves["epoch"] == curves["epoch"].max()]
    ends = means_told(evidence, last, f"{parts[-1]}_accuracy")
    alt = f"Loss and accuracy over the epochs; mean {name} accuracy at the end: {ends}."
    return Plate("learning_curves", "Learning curves", caption, alt, figure)


def _curve_marks(evidence: Evidence, parts: Sequence[str]) -> list[str]:
    """Return what the lines mean, or the marks where one epoch makes no line."""
    one_epoch = evidence.curves["epoch"].nunique() == 1
    marks = []
    if len(evidence.seeds) > 1:
        names = ("Small", "large") if one_epoch else ("Thin", "thick")
        marks.append(f"{names[0]}: single seeds; {names[1]}: their mean")
    if len(parts) > 1:
        held_out = f"validation ({evidence.card.counts['validation']:,} images held out)"
        names = ("diamond", "square") if one_epoch else ("solid", "dashed")
        marks.append(f"{names[0]}: {held_out}; {names[1]}: training")
    else:
        marks.append("on the training images")
    return marks


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
    marks = f"Small: single seeds; large: their mean with its {name} (Student's t)."
    caption = (
        f"The interval is for the mean over seeds: in {percent(evidence.confidence, 0)} of such "
        "studies it contains the mean of infinitely many seeds."
    )
    if len(evidence.seeds) == 1:
        marks = "One seed per depth: no interval."
        caption = "A single run doesn't show how much another seed would change the result."
    title, tested = "Test accuracy by depth", f"{evidence.card.counts['test']:,} test images"
    subtitle = f"{subject(evidence)}, {tested}. {marks}"
    names = [f"{network_title(depth)}\n" for depth in evidence.depths]
    figure, axes = side_by_side(title, subtitle, names)
    for place, (depth, found) in enumerate(evidence.estimates.items()):
        colour, marker, values = COLOURS[depth], MARKERS[depth], evidence.accuracies[depth]
        if found.half_width is not None:
            interval(axes, place, found.mean, found.half_width, colour)
            for k, value in enumerate(values):
                x = place - 0.28 + spread_of_points(k, len(values))
                axes.plot(x, value, marker, color=colour, ms=4, alpha=0.55, mew=0)
        axes.plot(place, found.mean, marker, color=colour, ms=9, mec="white", mew=1)
        value_below(axes, place, percent(found.mean), colour)
    accuracy_axis(axes, "Test accuracy (%)")
    told = {depth: percent(found.mean) for depth, found in evidence.estimates.items()}
    alt = f"Mean test accuracy: {by_network(told)}."
    if any(found.beyond_fractions for found in evidence.estimates.values()):
        caption += " Intervals end at 0 and 100%."
    if axes.get_ylim()[0] > 0:
        caption += " The axis doesn't start at zero."
    return Plate("accuracy_by_depth", title, caption, alt, figure)


def confusion_matrix(evidence: Evidence, depth: int) -> Plate:
    """Draw which classes a depth takes for which, as shares of the actual class."""
    names = evidence.card.class_names
    rows = evidence.confusion[evidence.confusion["depth"] == depth]
    shares = rows["fraction"].to_numpy(dtype=float).reshape(len(names), len(names))
    wrong = [(share, i, j) for (i, j), share in np.ndenumerate(shares) if i != j and share > 0]
    worst = sorted(wrong, key=lambda cell: -cell[0])[:3]
    subtitle = f"{subject(evidence)}{', added up' if len(evidence.seeds) > 1 else ''}; percent of "
    subtitle += "each row."
    most = "No image was misclassified."
    if worst:
        subtitle += f" Framed: the most frequent mistake{'s' if len(worst) > 1 else ''}."
        pairs = [f"{names[i]} taken for {names[j]} ({percent(share)})" for share, i, j in worst]
        most = f"Most frequent mistake{'s' if len(pairs) > 1 else ''}: {listed(pairs)}."
    title = f"{network_title(depth)}: confusion matrix"
    # Three of the narrow ones stand side by side on the page.
    width, height = (6.2, 5.6) if len(names) > MOST_NUMBERED_CLASSES else (3.7, 3.6)
    figure = new_figure(title, subtitle, width=width, height=height)
    axes = figure.subplots()
    axes.grid(visible=False)
    axes.spines[:].set_visible(False)
    # The square root makes few mistakes visible beside the many right answers. An opacity fits any
    # ground; «none» keeps a cell one pixel.
    opacity = np.sqrt(shares)
    cells = np.concatenate([np.full((*shares.shape, 3), to_rgb(CELL)), opacity[..., None]], axis=2)
    axes.imshow(cells, interpolation="none")
    _name_classes(axes, names)
    if len(names) <= MOST_NUMBERED_CLASSES:
        for (i, j), share in np.ndenumerate(shares):
            if share > 0:
                colour = ON_CELL if opacity[i, j] > 0.85 else INK
                text = "<1" if share < 0.01 else f"{100 * share:.0f}"
                axes.text(j, i, text, ha="center", va="center", size=7.5, color=colour)
    for _, i, j in worst:
        frame = Rectangle((j - 0.5, i - 0.5), 1, 1, fill=False, ec=INK, lw=1.2, clip_on=False)
        axes.add_patch(frame)
    axes.set_xlabel("Predicted class")
    axes.set_ylabel("Actual class")
    caption = f"{plural(int(rows['count'].sum()), 'prediction')}. {most} "
    caption += "The colour follows the square root of the share, so that rare mistakes show too."
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
