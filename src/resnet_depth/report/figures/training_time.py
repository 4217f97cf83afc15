"""Figure of what networks cost to train."""

import math
from collections.abc import Sequence

from matplotlib.axes import Axes

from resnet_depth.evidence.costs import BUSY, Cost, hardware, training_unit
from resnet_depth.evidence.evidence import Evidence
from resnet_depth.evidence.wording import (
    by_network,
    duration,
    interval_name,
    network_title,
    plural,
    significant,
)
from resnet_depth.report.figures.accuracy import subject
from resnet_depth.report.figures.drawing import (
    COLOURS,
    MARKERS,
    Plate,
    explained,
    interval,
    number_axis,
    side_by_side,
    spread_of_points,
    value_below,
)


def training_time(evidence: Evidence, costs: Sequence[Cost]) -> Plate:
    """Draw training time by depth: every seed, the mean and its interval."""
    found = [cost.train_seconds for cost in costs if cost.train_seconds is not None]
    marks = ["points: seeds"] if len(evidence.seeds) > 1 else []
    if found and marks:
        marks.append("bars: means")
    if any(each.half_width is not None for each in found):
        marks.append(f"lines: {interval_name(evidence.confidence)} (Student's t)")
    if any(cost.shared_runs for cost in costs):
        marks.append("hollow: timed while others used the machine, not counted")
    where = hardware(run for cost in costs for run in cost.runs)
    title, subtitle = "Training time by depth", f"{subject(evidence)}, {where}.{explained(marks)}"
    names = [f"{network_title(cost.depth)}\n" for cost in costs]
    figure, axes = side_by_side(title, subtitle, names)
    length, unit = training_unit(costs)
    for place, cost in enumerate(costs):
        _bar(axes, place, cost, length)
        colour, mean = COLOURS[cost.depth], cost.train_seconds
        if mean is None:
            value_below(axes, place, "not counted", colour, "normal")
        else:
            value_below(axes, place, f"{significant(mean.mean / length)} {unit}", colour)
    number_axis(axes.yaxis, f"Training time ({unit})")
    axes.set_ylim(0, 1.05 * axes.get_ylim()[1])
    told = {c.depth: duration(c.train_seconds.mean) for c in costs if c.train_seconds}
    alt = f"Training times are not compared: {BUSY}."
    if told:
        alt = f"Mean training time: {by_network(told)}."
    record = evidence.first_training
    caption = (
        f"Time to train on {record.train_images:,} images for {plural(record.epochs, 'epoch')} in "
        f"batches of {record.batch_size:,}, without loading the data and without validation."
    )
    if not told:
        caption += f" {alt}"
    return Plate("training_time", title, caption, alt, figure)


def _bar(axes: Axes, place: int, cost: Cost, length: float) -> None:
    """Draw the training times of one depth, in a unit of so many seconds."""
    colour, found = COLOURS[cost.depth], cost.train_seconds
    if found is not None:
        mean = found.mean / length
        axes.bar(place, mean, width=0.56, color=colour, alpha=0.25, lw=0)
        axes.hlines(mean, place - 0.28, place + 0.28, color=colour, lw=2)
        if found.half_width is not None:
            interval(axes, place + 0.1, mean, found.half_width / length, colour, most=math.inf)
    for k, run in enumerate(cost.runs):
        face = "none" if run.shared else colour
        x = place - 0.15 + spread_of_points(k, len(cost.runs)) / 2
        y = run.train_seconds / length
        axes.plot(x, y, MARKERS[cost.depth], mfc=face, mec=colour, ms=4.5, mew=1)
