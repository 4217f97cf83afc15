"""Figures of what networks learnt: curves, accuracy by depth, confusion matrices."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import PowerNorm
from matplotlib.patches import Rectangle
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter

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
    label,
    leave_room_for_points,
    limit_to_possible,
    new_figure,
    percent_axis,
    spread_of_points,
    width_of,
)

# More classes than this leave no room for numbers or names.
MOST_NUMBERED_CLASSES = 12
MOST_NAMED_CLASSES = 26


def subject(evidence: Evidence) -> str:
    """Return the words on dataset and seeds that begin every subtitle."""
    return f"{evidence.title}, {plural(len(evidence.seeds), 'seed')} a depth"


def learning_curves(evidence: Evidence) -> Plate:
    """Draw loss and accuracy over the epochs, one column of panels a depth."""
    curves, held_out = evidence.curves, evidence.curves["validation_loss"].notna().any()
    images = f"{evidence.card.counts['validation']:,} held out of training"
    parts = f"solid: validation ({images}); dashed: training" if held_out else "training"
    subtitle = f"{subject(evidence)}. Thin: each seed; thick: their mean; {parts}."
    columns = len(evidence.depths)
    width = max(4.6, min(7.5, 2.5 * columns))
    figure = new_figure("Learning curves", subtitle, width=width, height=4.4)
    grid = figure.subplots(2, columns, sharex=True, sharey="row", squeeze=False)
    for axes, depth in zip(grid[0], evidence.depths, strict=True):
        axes.set_title(network_title(depth), color=COLOURS[depth])
    for row, quantity in zip(grid, ("loss", "accuracy"), strict=True):
        for axes, depth in zip(row, evidence.depths, strict=True):
            runs = curves[curves["depth"] == depth]
            _curve(axes, runs, f"train_{quantity}", COLOURS[depth], dashed=bool(held_out))
            if held_out:
                _curve(axes, runs, f"validation_{quantity}", COLOURS[depth], dashed=False)
    # The first epochs' loss can be many times that of the last.
    grid[0][0].set_yscale("log")
    grid[0][0].yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    grid[0][0].yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    grid[0][0].yaxis.set_minor_formatter(NullFormatter())
    grid[0][0].set_ylabel("Loss (nats, logarithmic)")
    grid[1][0].set_ylabel("Accuracy (%)")
    percent_axis(grid[1][0].yaxis)
    for axes in grid[1]:
        axes.set_xlabel("Epoch")
        axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=6, min_n_ticks=1))
    last = curves[curves["epoch"] == curves["epoch"].max()]
    part = "validation" if held_out else "train"
    ends = {
        depth: percent(float(last[last["depth"] == depth][f"{part}_accuracy"].mean()))
        for depth in evidence.depths
    }
    caption = (
        "Training values are means over an epoch's batches, taken while the weights changed; "
        "validation values are taken after the epoch."
        if held_out
        else "Values are means over an epoch's batches, taken while the weights changed; no part "
        "was held out for validation."
    )
    name = "validation" if held_out else "training"
    alt = f"Loss falls and accuracy rises over the epochs; mean {name} accuracy at the end: "
    return Plate("learning_curves", "Learning curves", caption, f"{alt}{by_network(ends)}.", figure)


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
    interval = interval_name(evidence.confidence)
    marks = f"Small: each seed; large: their mean with its {interval} (Student's t)."
    if len(evidence.seeds) == 1:
        marks = "The one seed a depth; no interval can be given."
    tested = f"{evidence.card.counts['test']:,} test images"
    figure = new_figure(
        "Test accuracy by depth",
        f"{subject(evidence)}, {tested}. {marks}",
        width=width_of(len(evidence.depths)),
        height=3.2,
    )
    axes = figure.subplots()
    for place, (depth, found) in enumerate(evidence.estimates.items()):
        colour, marker, values = COLOURS[depth], MARKERS[depth], evidence.accuracies[depth]
        if found.half_width is not None:
            axes.errorbar(
                place, found.mean, found.half_width, color=colour, lw=2, capsize=5, capthick=2
            )
            for k, value in enumerate(values):
                x = place - 0.28 + spread_of_points(k, len(values))
                axes.plot(x, value, marker, color=colour, ms=4, alpha=0.55, mew=0)
        axes.plot(place, found.mean, marker, color=colour, ms=9, mec="white", mew=1)
        mean, at = percent(found.mean), (place, found.mean)
        label(axes, mean, at, (11, 0), va="center", weight="bold", color=colour)
    leave_room_for_points(axes, len(evidence.depths))
    axes.set_xticks(range(len(evidence.depths)), [network_title(d) for d in evidence.depths])
    axes.set_ylabel("Test accuracy (%)")
    limit_to_possible(axes)
    percent_axis(axes.yaxis)
    axes.yaxis.set_major_locator(MaxNLocator(nbins=6))
    caption = (
        f"The interval is of the mean over seeds: it would hold the mean of endlessly many seeds "
        f"in {percent(evidence.confidence, 0)} of such studies. It is drawn as far "
        "as accuracies go, 0 to 100%. The axis needn't begin at zero."
        if len(evidence.seeds) > 1
        else "One run a depth says nothing of how much another seed would change it. The axis "
        "needn't begin at zero."
    )
    told = {depth: percent(found.mean) for depth, found in evidence.estimates.items()}
    alt = f"Mean test accuracy: {by_network(told)}."
    return Plate("accuracy_by_depth", "Test accuracy by depth", caption, alt, figure)


def confusion_matrix(evidence: Evidence, depth: int) -> Plate:
    """Draw which classes a depth takes for which, as shares of the actual class."""
    names = evidence.card.class_names
    rows = evidence.confusion[evidence.confusion["depth"] == depth]
    shares = rows["fraction"].to_numpy(dtype=float).reshape(len(names), len(names))
    wrong = [
        (float(shares[i, j]), i, j)
        for i, j in np.ndindex(shares.shape)
        if i != j and shares[i, j] > 0
    ]
    worst = sorted(wrong, key=lambda cell: -cell[0])[:3]
    pairs = [f"{names[i]} taken for {names[j]} ({percent(share)})" for share, i, j in worst]
    most = f"Most often: {listed(pairs)}." if pairs else "No image was taken for another class."
    subtitle = f"{subject(evidence)}, summed; percent of a row."
    if worst:
        shown = [f"{names[i]} → {names[j]} ({percent(share)})" for share, i, j in worst]
        subtitle += f" Framed, most confused: {', '.join(shown)}."
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
                axes.text(j, i, _cell(share), ha="center", va="center", size=7.5, color=colour)
    for _, i, j in worst:
        frame = Rectangle((j - 0.5, i - 0.5), 1, 1, fill=False, ec=INK, lw=1.2, clip_on=False)
        axes.add_patch(frame)
    axes.set_xlabel("Predicted class")
    axes.set_ylabel("Actual class")
    images = count(rows["count"].sum()) if rows["count"].sum() >= 1e5 else int(rows["count"].sum())
    caption = f"{images} predictions. {most} Colour goes with the square root of the share."
    return Plate(f"confusion_resnet{depth}", title, caption, f"{title}. {most}", figure)


def _name_classes(axes: Axes, names: tuple[str, ...]) -> None:
    """Write the classes' names on both axes, every second, third, … of many."""
    every = -(-len(names) // MOST_NAMED_CLASSES)
    places = range(0, len(names), every)
    shown = [names[place] for place in places]
    crowded = len(shown) > MOST_NUMBERED_CLASSES
    if max(map(len, shown)) <= 2:
        axes.set_xticks(places, shown)
    else:
        turned = 90 if crowded else 45
        va = "center" if crowded else "top"
        axes.set_xticks(places, shown, rotation=turned, ha="right", va=va, rotation_mode="anchor")
    axes.set_yticks(places, shown)
    axes.tick_params(length=0, labelcolor=MUTED, labelsize=6 if crowded else 8.5)


def _cell(share: float) -> str:
    """Return a share in percent, short enough for a cell."""
    return significant(100 * share) if share < 0.00995 else f"{100 * share:.0f}"
