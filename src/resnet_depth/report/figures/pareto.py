"""Figure of accuracy against what it costs, in training time and in latency."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import compress, pairwise
from math import cos, pi, sin

import numpy as np
from matplotlib.axes import Axes

from resnet_depth.evidence.costs import (
    BUSY,
    Cost,
    batch_sizes,
    hardware,
    shown_train_seconds,
    training_unit,
)
from resnet_depth.evidence.evidence import Evidence
from resnet_depth.evidence.statistics import Estimate
from resnet_depth.evidence.wording import interval_name, listed, network_title
from resnet_depth.report.figures.accuracy import subject
from resnet_depth.report.figures.drawing import (
    COLOURS,
    MARKERS,
    MUTED,
    Plate,
    accuracy_axis,
    label,
    new_figure,
    number_axis,
)

# Left, bottom, right and top.
Box = tuple[float, float, float, float]
# Opacity of a depth that another one beats.
PALE = 0.4
# A panel's size, about; and how far a name keeps from all else: in points.
PANEL, CLEAR = (225.0, 150.0), 2.0
# Where a name's middle may lie from its mark's, the nearest first, in points.
OFFS = [
    (distance * cos(angle), distance * sin(angle))
    for distance in (12, 15, 18, 22, 27, 33)
    for angle in (pi / 8 * k for k in (2, 6, 14, 10, 3, 5, 1, 7, 13, 11, 15, 9))
]
# An interval may reach this many times as far as the farthest mark before it is cut off.
FARTHEST = 1.6


@dataclass(frozen=True)
class Mark:
    """A depth's place: its cost in the axis's unit with an interval, and its accuracy.

    `counts` is false for timings taken while others used the machine: those aren't compared.
    """

    depth: int
    cost: float
    span: tuple[float, float] | None
    counts: bool
    accuracy: Estimate

    @property
    def accuracies(self) -> tuple[float, float]:
        """The ends of the accuracy's interval, within 0 and 1; twice the mean without one."""
        low, high, mean = self.accuracy.low, self.accuracy.high, self.accuracy.mean
        return (mean, mean) if low is None or high is None else (max(low, 0.0), min(high, 1.0))


def dominated(places: Sequence[tuple[float, float]]) -> list[bool]:
    """Return for each (cost, accuracy) whether another one is better and in nothing worse.

    Args:
        places: Costs, of which less is better, and accuracies, of which more is.
    """
    return [
        any(c <= cost and a >= accuracy and (c, a) != (cost, accuracy) for c, a in places)
        for cost, accuracy in places
    ]


def pareto(evidence: Evidence, costs: Sequence[Cost]) -> Plate:
    """Draw test accuracy against training time and against latency, one mark a depth."""
    single = costs[0].latency.deployed.single
    length, unit = training_unit(costs)
    accuracies = evidence.estimates
    trained = [Mark(c.depth, *_training(c, length), accuracies[c.depth]) for c in costs]
    timed = [Mark(c.depth, *_latency(c), accuracies[c.depth]) for c in costs]
    marks = "Numbers: depths. "
    if len(evidence.seeds) > 1:
        marks += f"Lines: {interval_name(evidence.confidence)} over seeds; for latency: "
    else:
        marks += "Lines: latency, "
    marks += f"from the median to the 90th percentile of {single.repeats:,} runs."
    if max(len(_front(trained)), len(_front(timed))) > 1:
        marks += " Grey line: networks that no other beats."
    beaten = bool(_beaten(trained) or _beaten(timed))
    if beaten:
        marks += " Pale: beaten."
    if not all(mark.counts for mark in (*trained, *timed)):
        marks += " Hollow: timed while others used the machine, not compared."
    runs = [run for cost in costs for run in cost.runs]
    where = hardware([*runs, *(cost.latency for cost in costs)])
    title, subtitle = "Accuracy against time", f"{subject(evidence)}, {where}. {marks}"
    figure = new_figure(title, subtitle, width=7.5, height=3.1)
    left, right = figure.subplots(1, 2, sharey=True)
    arrows = [_panel(left, trained), _panel(right, timed)]
    left.set_title("Training")
    left.set_xlabel(f"Training time ({unit})")
    right.set_title(
        f"Inference, batch of {batch_sizes([cost.latency for cost in costs], 'single')}"
    )
    right.set_xlabel("Latency of the deployed form (ms)")
    accuracy_axis(left, "Test accuracy (%)")
    for axes, places in ((left, trained), (right, timed)):
        _name(axes, places)
    alt = f"{_told('training time', trained)} {_told('latency', timed)}"
    caption = f"Better is up and to the left. {alt}"
    if beaten:
        caption += (
            " A network is beaten if another one is at least as accurate and takes no longer, "
            "judged by the means and medians drawn; where intervals overlap, that may be chance."
        )
    if any(arrows):
        caption += " An arrow marks a line that is longer than the panel."
    return Plate("pareto", title, caption, alt, figure)


def _training(cost: Cost, length: float) -> tuple[float, tuple[float, float] | None, bool]:
    """Return a training time in units of `length` seconds, its interval, and whether it counts."""
    found, span = cost.train_seconds, None
    if found is not None and found.low is not None and found.high is not None:
        span = max(found.low, 0.0) / length, found.high / length
    return shown_train_seconds(cost) / length, span, found is not None


def _latency(cost: Cost) -> tuple[float, tuple[float, float] | None, bool]:
    """Return a latency of one batch in milliseconds, up to which it goes, and whether it counts."""
    times = cost.latency.deployed.single
    median = 1e3 * times.median_seconds
    return median, (median, 1e3 * times.p90_seconds), not cost.latency.shared


def _beaten(marks: Sequence[Mark]) -> list[Mark]:
    """Return the marks that another one beats, of those that count."""
    counted = [mark for mark in marks if mark.counts]
    flags = dominated([(mark.cost, mark.accuracy.mean) for mark in counted])
    return list(compress(counted, flags))


def _front(marks: Sequence[Mark]) -> list[tuple[float, float]]:
    """Return cost and accuracy of the marks that count and that none beats, by cost."""
    beaten = _beaten(marks)
    return sorted(
        (mark.cost, mark.accuracy.mean) for mark in marks if mark.counts and mark not in beaten
    )


def _panel(axes: Axes, marks: Sequence[Mark]) -> bool:
    """Draw all depths of one kind of cost; return whether a line is longer than the panel."""
    axes.grid(visible=True, axis="both")
    farthest = max(mark.cost for mark in marks)
    reach = max([farthest, *(mark.span[1] for mark in marks if mark.span)])
    limit = 1.15 * min(reach, FARTHEST * farthest)
    number_axis(axes.xaxis, "")
    axes.set_xlim(0, limit)
    beaten, front = _beaten(marks), _front(marks)
    if len(front) > 1:
        axes.plot(*zip(*front, strict=True), color=MUTED, lw=0.9, zorder=1.5)
    for mark in marks:
        _draw(axes, mark, limit, PALE if mark in beaten else 1.0)
    return reach > limit


def _draw(axes: Axes, mark: Mark, limit: float, opacity: float) -> None:
    """Draw a depth's mark with its intervals, cut off at the axis's limit."""
    colour, shape = COLOURS[mark.depth], MARKERS[mark.depth]
    x, y, ends = mark.cost, mark.accuracy.mean, mark.accuracies
    axes.vlines(x, *ends, color=colour, lw=1.5, alpha=opacity)
    if mark.span is not None:
        axes.hlines(y, *mark.span, color=colour, lw=1.5, alpha=opacity)
        if mark.span[1] > limit:
            axes.plot(limit, y, ">", color=colour, ms=6, alpha=opacity, clip_on=False)
    # What is hollow covers the lines behind it.
    axes.plot(x, y, shape, color="white", ms=9, mew=0, zorder=3)
    if mark.counts:
        axes.plot(x, y, shape, color=colour, ms=9, mec="white", alpha=opacity, zorder=4)
    else:
        axes.plot(x, y, shape, mfc="white", mec=colour, ms=8, mew=1.5, zorder=4)


def _name(axes: Axes, marks: Sequence[Mark]) -> None:
    """Write each mark's depth beside it, clear of marks, lines, other names and the border."""
    (wide, high), (bottom, top) = PANEL, axes.get_ylim()
    scale = np.array([wide / axes.get_xlim()[1], high / (top - bottom)])

    def box(left: float, low: float, right: float, up: float, more: float) -> Box:
        """Return a box of the panel, given its corners in the data, widened by some points."""
        (x, y), (i, j) = ((np.array(at) - (0, bottom)) * scale for at in ((left, low), (right, up)))
        return x - more, y - more, i + more, j + more

    far = 10 * (wide + high)
    taken = [(-far, -far, 0, far), (wide, -far, far, far)]
    taken += [(-far, -far, far, 0), (-far, high, far, far)]
    for mark in marks:
        x, y = mark.cost, mark.accuracy.mean
        (low, up), (left, right) = mark.accuracies, mark.span or (x, x)
        taken += [box(x, y, x, y, 6), box(x, low, x, up, 1), box(left, y, right, y, 1)]
    for start, end in pairwise(_front(marks)):
        taken += [box(x, y, x, y, 0.5) for x, y in np.linspace(start, end, 40)]
    beaten = _beaten(marks)
    for mark in marks:
        at = mark.cost, mark.accuracy.mean
        x, y, *_ = box(*at, *at, 0)
        half = 3.3 * len(str(mark.depth)), 4.5
        boxes = {
            (i, j): (x + i - half[0], y + j - half[1], x + i + half[0], y + j + half[1])
            for i, j in OFFS
        }
        # Of equally good ones the nearest.
        off = max(boxes, key=lambda off: min([CLEAR, *(_gap(boxes[off], one) for one in taken)]))
        taken.append(boxes[off])
        style = {"ha": "center", "va": "center", "color": COLOURS[mark.depth]}
        style["weight"] = "normal" if mark in beaten else "bold"
        label(axes, str(mark.depth), at, off, **style)


def _gap(one: Box, other: Box) -> float:
    """Return how far apart two boxes are in one direction at least; below 0 they overlap."""
    return max(one[0] - other[2], other[0] - one[2], one[1] - other[3], other[1] - one[3])


def _told(what: str, marks: Sequence[Mark]) -> str:
    """Return a sentence on which depths are beaten."""
    if not any(mark.counts for mark in marks):
        return f"By {what} nothing is compared: {BUSY}."
    beaten = [network_title(mark.depth) for mark in _beaten(marks)]
    if not beaten:
        return f"By {what} no network is beaten."
    return f"By {what} {listed(beaten)} {'is' if len(beaten) == 1 else 'are'} beaten."
