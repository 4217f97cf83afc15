"""Figure of accuracy against what it costs, in training time and in latency."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import compress
from math import hypot

from matplotlib.axes import Axes

from resnet_depth.evidence.costs import (
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
)

# Opacity of a depth that another one beats.
PALE = 0.4
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
    marks = "Number: depth."
    if len(evidence.seeds) > 1:
        marks += f" Lines: {interval_name(evidence.confidence)} over seeds; latency:"
        marks += f" median, and 90th percentile of {single.repeats} runs."
    else:
        marks += f" Latency: median, and line to the 90th percentile of {single.repeats} runs."
    if max(len(_front(trained)), len(_front(timed))) > 1:
        marks += " Grey line: the depths that no other beats in both."
    if _beaten(trained) or _beaten(timed):
        marks += " Pale: beaten."
    if not all(mark.counts for mark in (*trained, *timed)):
        marks += " Hollow: timed while others used the machine, not compared."
    runs = [run for cost in costs for run in cost.runs]
    where = hardware([*runs, *(cost.latency for cost in costs)])
    title, subtitle = "Accuracy against time", f"{subject(evidence)}, {where}. {marks}"
    figure = new_figure(title, subtitle, width=7.5, height=3.1)
    left, right = figure.subplots(1, 2, sharey=True)
    _panel(left, trained)
    _panel(right, timed)
    left.set_title("Training")
    left.set_xlabel(f"Training time ({unit})")
    right.set_title(
        f"Inference, batch of {batch_sizes([cost.latency for cost in costs], 'single')}"
    )
    right.set_xlabel("Latency of the deployed form (ms)")
    accuracy_axis(left, "Test accuracy (%)")
    alt = f"{_told('training time', trained)} {_told('latency', timed)}"
    caption = (
        "Up and to the left is better. A depth is beaten (dominated) where another is at least as "
        "accurate and takes no longer, by the means and medians drawn; where intervals overlap, "
        f"chance may have put it there. {alt} Lines that leave a panel end in an arrow."
    )
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


def _panel(axes: Axes, marks: Sequence[Mark]) -> None:
    """Draw all depths of one kind of cost."""
    axes.grid(visible=True, axis="both")
    farthest = max(mark.cost for mark in marks)
    reach = max([farthest, *(mark.span[1] for mark in marks if mark.span)])
    limit = 1.15 * min(reach, FARTHEST * farthest)
    axes.set_xlim(0, limit)
    beaten, front = _beaten(marks), _front(marks)
    if len(front) > 1:
        axes.plot(*zip(*front, strict=True), color=MUTED, lw=0.9, zorder=1.5)
    corners = _corners(marks, limit)
    for mark in marks:
        _draw(axes, mark, limit, PALE if mark in beaten else 1.0)
        x, y = corners[mark.depth]
        style = {"ha": "left" if x > 0 else "right", "va": "bottom" if y > 0 else "top"}
        style |= {"weight": "normal" if mark in beaten else "bold", "color": COLOURS[mark.depth]}
        label(axes, str(mark.depth), (mark.cost, mark.accuracy.mean), (6 * x, 5 * y), **style)


def _draw(axes: Axes, mark: Mark, limit: float, opacity: float) -> None:
    """Draw a depth's mark with its intervals, cut off at the axis's limit."""
    colour, shape = COLOURS[mark.depth], MARKERS[mark.depth]
    x, y, low, high = mark.cost, mark.accuracy.mean, mark.accuracy.low, mark.accuracy.high
    if low is not None and high is not None:
        axes.vlines(x, low, high, color=colour, lw=1.5, alpha=opacity)
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


def _corners(marks: Sequence[Mark], limit: float) -> dict[int, tuple[int, int]]:
    """Return for each depth in which corner of its mark its label has most room.

    Labels stand in corners since intervals pass a mark straight up and straight to the side.
    """
    heights = [mark.accuracy.mean for mark in marks]
    ends = [e for m in marks for e in (m.accuracy.low, m.accuracy.high) if e is not None]
    height = (max([*heights, *ends]) - min([*heights, *ends])) or 1.0
    # In shares of the panel, of which a label takes about 0.1 and 0.08.
    places = [(mark.cost / limit, mark.accuracy.mean / height) for mark in marks]
    taken: list[tuple[float, float]] = list(places)
    corners = {}
    for mark, (x, y) in zip(marks, places, strict=True):
        others = [place for place in taken if place != (x, y)]
        # The line of the best rises to the right, so that it passes the first two by.
        rooms = {
            (i, j): min([0.12, *(hypot(x + 0.06 * i - a, y + 0.06 * j - b) for a, b in others)])
            for i, j in ((-1, 1), (1, -1), (1, 1), (-1, -1))
            if 0 < x + 0.1 * i < 1
        }
        best = max(rooms, key=lambda corner: rooms[corner])
        corners[mark.depth] = best
        taken.append((x + 0.06 * best[0], y + 0.06 * best[1]))
    return corners


def _told(what: str, marks: Sequence[Mark]) -> str:
    """Return a sentence on which depths are beaten."""
    if not any(mark.counts for mark in marks):
        return f"No {what} was taken with the machine to itself, so none is compared."
    beaten = [network_title(mark.depth) for mark in _beaten(marks)]
    if not beaten:
        return f"In {what} no depth is beaten."
    return f"In {what} {listed(beaten)} {'is' if len(beaten) == 1 else 'are'} beaten."
