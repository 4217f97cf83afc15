"""Figure of how far networks' confidence can be trusted: a reliability diagram per depth."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from resnet_depth.evidence.calibration import overconfidence, pooled_bins
from resnet_depth.evidence.evidence import Evidence
from resnet_depth.evidence.statistics import estimate_mean
from resnet_depth.evidence.wording import (
    by_network,
    interval_name,
    percent,
    points,
    spread_percent,
)
from resnet_depth.report.figures.accuracy import subject
from resnet_depth.report.figures.drawing import (
    COLOURS,
    MARKERS,
    MUTED,
    Plate,
    column_a_depth,
    percent_axis,
)

# Bins with fewer predictions tell little, and are drawn pale.
FEW = 10


def reliability(evidence: Evidence) -> Plate:
    """Draw accuracy by confidence above how often each confidence occurs, a column per depth."""
    table = evidence.reliability
    bins = pd.concat(pooled_bins(table[table["depth"] == depth]) for depth in evidence.depths)
    marks = f"Marks: {table['bin'].max() + 1} bins of confidence, larger with more predictions"
    if (bins["images"] < FEW).any():
        marks += f", pale under {FEW}"
    mean = ""
    if len(evidence.seeds) > 1:
        marks += ", all seeds together; bars: from the lowest to the highest seed"
        mean = f", mean over seeds ± half of its {interval_name(evidence.confidence)}"
    title = "Reliability: can the confidence be trusted?"
    subtitle = (
        f"{subject(evidence)}. {marks}. Diagonal: right as often as confident; below it: "
        f"overconfident. ECE: expected calibration error{mean}."
    )
    figure, grid = column_a_depth(title, subtitle, evidence.depths, 3.9, (2.6, 1))
    told, leaning = {}, {}
    for depth, above, below in zip(evidence.depths, *grid, strict=True):
        rows = table[table["depth"] == depth]
        _diagram(above, rows, depth)
        _counts(below, rows, depth)
        runs = evidence.accuracy[evidence.accuracy["depth"] == depth]
        error = estimate_mean(runs["expected_calibration_error"].tolist(), evidence.confidence)
        told[depth] = percent(error.mean)
        leaning[depth] = points(overconfidence(rows))
        text = spread_percent(error.mean, error.half_width)
        # Below the diagonal and to the right there is room, unless a network errs nearly always.
        box = {"facecolor": "white", "alpha": 0.8, "lw": 0, "pad": 1}
        style = {"size": 8.5, "ha": "right", "bbox": box, "zorder": 5}
        above.text(1.02, 0.13, "ECE", color=MUTED, **style)
        above.text(1.02, 0.03, text, weight="bold", **style)
        percent_axis(below.xaxis, "Confidence (%)")
        below.set_xticks([0, 0.5, 1])
    percent_axis(grid[0][0].yaxis, "Accuracy (%)")
    percent_axis(grid[1][0].yaxis, "Predictions (%)", steps=3)
    alt = (
        f"Expected calibration error: {by_network(told)}. Mean confidence minus accuracy, in "
        f"percentage points: {by_network(leaning)}."
    )
    caption = (
        "Confidence is the probability that a network gives its answer. The expected calibration "
        "error is the gap between accuracy and confidence, averaged over the bins and weighted by "
        f"their predictions (Guo et al. 2017). {alt}"
    )
    return Plate("reliability", title, caption, alt, figure)


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
    opacity = np.where(few, 0.35, 1.0).tolist()
    style: dict[str, Any] = {"marker": MARKERS[depth], "lw": 0, "zorder": 3, "clip_on": False}
    axes.scatter(bins["confidence"], bins["accuracy"], area, color=colour, alpha=opacity, **style)
    axes.set_xlim(0, 1.05)
    axes.set_ylim(0, 1.05)
    axes.grid(visible=True, axis="both")


def _counts(axes: Axes, rows: pd.DataFrame, depth: int) -> None:
    """Draw which share of a depth's predictions has which confidence."""
    bins = rows.groupby("bin").agg({"low": "first", "high": "first", "images": "sum"})
    shares, widths = bins["images"] / bins["images"].sum(), bins["high"] - bins["low"]
    look: dict[str, Any] = {"color": COLOURS[depth], "alpha": 0.6, "edgecolor": "white", "lw": 0.5}
    axes.bar(bins["low"], shares, widths, align="edge", **look)
