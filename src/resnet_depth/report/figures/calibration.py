"""Figure of how far networks' confidence can be believed: a reliability diagram a depth."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from resnet_depth.evidence.calibration import overconfidence, pooled_bins
from resnet_depth.evidence.evidence import Evidence
from resnet_depth.evidence.statistics import Estimate, estimate_mean
from resnet_depth.evidence.wording import by_network, interval_name, network_title, percent, points
from resnet_depth.report.figures.accuracy import subject
from resnet_depth.report.figures.drawing import (
    COLOURS,
    MARKERS,
    MUTED,
    Plate,
    new_figure,
    percent_axis,
)

# Bins with fewer predictions tell little, and are drawn pale.
FEW = 10


def reliability(evidence: Evidence) -> Plate:
    """Draw accuracy by confidence above how often each confidence occurs, a column a depth."""
    table, columns = evidence.reliability, len(evidence.depths)
    bins = int(table["bin"].max()) + 1
    marks = (
        f"Mark: one of {bins} bins of confidence, its area by the number of predictions, pale "
        f"under {FEW}"
    )
    if len(evidence.seeds) > 1:
        marks += ", all seeds together; line: from the lowest to the highest seed"
    title = "Reliability: is confidence to be believed?"
    subtitle = (
        f"{subject(evidence)}. {marks}. Diagonal: right as often as confident; below "
        "it: overconfident. ECE: expected calibration error"
    )
    if len(evidence.seeds) > 1:
        subtitle += f", mean over seeds ± half of its {interval_name(evidence.confidence)}"
    width = max(4.6, min(7.5, 2.5 * columns))
    figure = new_figure(title, f"{subtitle}.", width=width, height=3.9)
    grid = figure.subplots(
        2, columns, sharex=True, sharey="row", squeeze=False, height_ratios=(2.6, 1)
    )
    errors = {depth: _error(evidence, depth) for depth in evidence.depths}
    for depth, above, below in zip(evidence.depths, *grid, strict=True):
        rows = table[table["depth"] == depth]
        above.set_title(network_title(depth), color=COLOURS[depth])
        _diagram(above, rows, depth)
        _counts(below, rows, depth)
        # Below the diagonal and to the right there is room, unless a network errs nearly always.
        box = {"facecolor": "white", "alpha": 0.8, "lw": 0, "pad": 1}
        label = {"size": 8.5, "ha": "right", "bbox": box, "zorder": 5}
        above.text(1.02, 0.13, "ECE", color=MUTED, **label)
        above.text(1.02, 0.03, _plus_minus(errors[depth]), weight="bold", **label)
    grid[0][0].set_ylabel("Accuracy (%)")
    grid[1][0].set_ylabel("Predictions (%)")
    percent_axis(grid[0][0].yaxis)
    percent_axis(grid[1][0].yaxis)
    for axes in grid[1]:
        axes.set_xlabel("Confidence (%)")
        axes.set_xticks([0, 0.5, 1])
        percent_axis(axes.xaxis)
    told = {depth: percent(found.mean) for depth, found in errors.items()}
    leaning = {
        depth: f"by {points(overconfidence(table[table['depth'] == depth]))}"
        for depth in evidence.depths
    }
    alt = (
        f"Expected calibration error: {by_network(told)}. Mean confidence differs from accuracy, "
        f"in percentage points: {by_network(leaning)}."
    )
    caption = (
        "Confidence is the probability that a network gives to its answer. The expected "
        "calibration error is the gap between accuracy and confidence, averaged over the bins by "
        f"their predictions (Guo et al. 2017). {alt}"
    )
    return Plate("reliability", title, caption, alt, figure)


def _error(evidence: Evidence, depth: int) -> Estimate:
    """Return the expected calibration error of a depth's networks."""
    rows = evidence.accuracy[evidence.accuracy["depth"] == depth]
    values = [float(value) for value in rows["expected_calibration_error"]]
    return estimate_mean(values, evidence.confidence)


def _plus_minus(found: Estimate) -> str:
    """Return a mean in percent with half its interval where there is one."""
    if found.half_width is None:
        return percent(found.mean)
    return f"{percent(found.mean).removesuffix('%')} ± {percent(found.half_width)}"


def _diagram(axes: Axes, rows: pd.DataFrame, depth: int) -> None:
    """Draw a depth's accuracy by confidence, all seeds together."""
    bins, colour = pooled_bins(rows), COLOURS[depth]
    axes.plot([0, 1], [0, 1], color=MUTED, lw=0.9, ls=(0, (4, 3)), zorder=1)
    few = bins["images"] < FEW
    many = bins[~few]
    axes.vlines(many["confidence"], many["least"], many["most"], color=colour, lw=1.2, alpha=0.6)
    axes.plot(many["confidence"], many["accuracy"], color=colour, lw=1, alpha=0.6)
    # In points²; a bin of few predictions still shows.
    area = np.maximum(8, 110 * bins["images"] / bins["images"].sum())
    axes.scatter(
        *(bins["confidence"], bins["accuracy"], area),
        color=colour,
        marker=MARKERS[depth],
        alpha=np.where(few, 0.35, 1.0).tolist(),
        lw=0,
        zorder=3,
        clip_on=False,
    )
    axes.set_xlim(0, 1.05)
    axes.set_ylim(0, 1.05)
    axes.grid(visible=True, axis="both")


def _counts(axes: Axes, rows: pd.DataFrame, depth: int) -> None:
    """Draw which share of a depth's predictions has which confidence."""
    images = rows.groupby("bin")[["images"]].sum()["images"]
    edges = rows.groupby("bin")[["low", "high"]].first()
    axes.bar(
        edges["low"],
        images / images.sum(),
        width=edges["high"] - edges["low"],
        align="edge",
        color=COLOURS[depth],
        alpha=0.6,
        edgecolor="white",
        lw=0.5,
    )
