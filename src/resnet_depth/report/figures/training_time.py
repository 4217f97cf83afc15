"""Figure of what networks cost to train."""

from collections.abc import Sequence

from matplotlib.axes import Axes

from resnet_depth.evidence.costs import Cost, hardware, training_unit
from resnet_depth.evidence.evidence import Evidence
from resnet_depth.evidence.wording import (
    by_network,
    duration,
    interval_name,
    network_title,
    significant,
)
from resnet_depth.report.figures.accuracy import subject
from resnet_depth.report.figures.drawing import (
    COLOURS,
    MARKERS,
    Plate,
    interval,
    label,
    side_by_side,
    spread_of_points,
)


def training_time(evidence: Evidence, costs: Sequence[Cost]) -> Plate:
    """Draw training time by depth: every seed, the mean and its interval."""
    marks = "Bar: mean; points: seeds"
    if len(evidence.seeds) > 1:
        marks += f"; line: {interval_name(evidence.confidence)} (Student's t)"
    if any(cost.shared_runs for cost in costs):
        marks += "; hollow: timed while others used the machine, not counted"
    where = hardware(run for cost in costs for run in cost.runs)
    title, subtitle = "Training time by depth", f"{subject(evidence)}, {where}. {marks}."
    # The second line is for the means: below the axis no point and no interval is in their way.
    names = [f"{network_title(cost.depth)}\n" for cost in costs]
    figure, axes = side_by_side(title, subtitle, names)
    length, unit = training_unit(costs)
    for place, cost in enumerate(costs):
        _bar(axes, place, cost, length)
        found, weight, text = cost.train_seconds, "normal", "not counted"
        if found is not None:
            weight, text = "bold", f"{significant(found.mean / length)} {unit}"
        style = {"ha": "center", "va": "top", "weight": weight, "color": COLOURS[cost.depth]}
        label(axes, text, (place, 0), (0, -18), xycoords=("data", "axes fraction"), **style)
    axes.set_ylim(0, 1.05 * axes.get_ylim()[1])
    axes.set_ylabel(f"Training time ({unit})")
    told = {c.depth: duration(c.train_seconds.mean) for c in costs if c.train_seconds}
    alt = "No run had the machine to itself."
    if told:
        alt = f"Mean training time: {by_network(told)}."
    record = evidence.first_training
    caption = (
        f"Time to train on {record.train_images:,} images for {record.epochs} epochs in batches "
        f"of {record.batch_size}, without validation and loading."
    )
    return Plate("training_time", title, caption, alt, figure)


def _bar(axes: Axes, place: int, cost: Cost, length: float) -> None:
    """Draw the training times of one depth, in a unit of so many seconds."""
    colour, found = COLOURS[cost.depth], cost.train_seconds
    if found is not None:
        mean = found.mean / length
        axes.bar(place, mean, width=0.56, color=colour, alpha=0.25, lw=0)
        axes.hlines(mean, place - 0.28, place + 0.28, color=colour, lw=2)
        if found.half_width is not None:
            interval(axes, place + 0.1, mean, found.half_width / length, colour)
    for k, run in enumerate(cost.runs):
        face = "none" if run.shared else colour
        x = place - 0.15 + spread_of_points(k, len(cost.runs)) / 2
        y = run.train_seconds / length
        axes.plot(x, y, MARKERS[cost.depth], mfc=face, mec=colour, ms=4.5, mew=1)
