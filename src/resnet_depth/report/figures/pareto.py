"""Figure of accuracy against what it costs, in training time and in latency."""

from collections.abc import Sequence
from dataclasses import dataclass
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
    label,
    limit_to_possible,
    new_figure,
    percent_axis,
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
    accuracy: Estimate
    counts: bool


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
    trained, timed = _training_marks(evidence, costs), _latency_marks(evidence, costs)
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
    figure = new_figure(
        "Accuracy against time", f"{subject(evidence)}, {where}. {marks}", width=7.5, height=3.1
    )
    left, right = figure.subplots(1, 2, sharey=True)
    _panel(left, trained)
    _panel(right, timed)
    left.set_title("Training")
    left.set_xlabel(f"Training time ({training_unit(costs)[1]})")
    left.set_ylabel("Test accuracy (%)")
    right.set_title(f"Inference, batch of {batch_sizes(costs, 'single')}")
    right.set_xlabel("Latency of the deployed form (ms)")
    limit_to_possible(left)
    percent_axis(left.yaxis)
    alt = " ".join([_told("training time", trained), _told("latency", timed)])
    caption = (
        "Up and to the left is better. A depth is beaten (dominated) where another is at least as "
        "accurate and takes no longer, by the means and medians drawn; where intervals overlap, "
        f"chance may have put it there. {alt} Lines that leave a panel end in an arrow."
    )
    return Plate("pareto", "Accuracy against time", caption, alt, figure)


def _training_marks(evidence: Evidence, costs: Sequence[Cost]) -> list[Mark]:
    """Return each depth's accuracy and training time, in the unit of all."""
    length = training_unit(costs)[0]
    marks = []
    for cost in costs:
        found = cost.train_seconds
        span = None
        if found is not None and found.low is not None and found.high is not None:
            span = max(found.low, 0.0) / length, found.high / length
        accuracy = evidence.estimates[cost.depth]
        shown = shown_train_seconds(cost) / length
        marks.append(Mark(cost.depth, shown, span, accuracy, found is not None))
    return marks


def _latency_marks(evidence: Evidence, costs: Sequence[Cost]) -> list[Mark]:
    """Return each depth's accuracy and latency of one batch, in milliseconds."""
    marks = []
    for cost in costs:
        times = cost.latency.deployed.single
        accuracy = evidence.estimates[cost.depth]
        median, p90 = 1e3 * times.median_seconds, 1e3 * times.p90_seconds
        marks.append(Mark(cost.depth, median, (median, p90), accuracy, not cost.latency.shared))
    return marks


def _beaten(marks: Sequence[Mark]) -> list[Mark]:
    """Return the marks that another one beats, of those that count."""
    counted = [mark for mark in marks if mark.counts]
    flags = dominated([(mark.cost, mark.accuracy.mean) for mark in counted])
    return [mark for mark, flag in zip(counted, flags, strict=True) if flag]


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
    beaten = _beaten(marks)
    front = _front(marks)
    if len(front) > 1:
        axes.plot(*zip(*front, strict=True), color=MUTED, lw=0.9, zorder=1.5)
    corners = _corners(marks, limit)
    for mark in marks:
        _draw(axes, mark, limit, PALE if mark in beaten else 1.0)
        x, y = corners[mark.depth]
        label(
            axes,
            str(mark.depth),
            (mark.cost, mark.accuracy.mean),
            (6 * x, 5 * y),
            ha="left" if x > 0 else "right",
            va="bottom" if y > 0 else "top",
            weight="normal" if mark in beaten else "bold",
            color=COLOURS[mark.depth],
        )


def _draw(axes: Axes, mark: Mark, limit: float, opacity: float) -> None:
    """Draw a depth's mark with its intervals, cut off at the axis's limit."""
    colour, y = COLOURS[mark.depth], mark.accuracy.mean
    if mark.accuracy.low is not None and mark.accuracy.high is not None:
        axes.vlines(
            mark.cost, mark.accuracy.low, mark.accuracy.high, color=colour, lw=1.5, alpha=opacity
        )
    if mark.span is not None:
        axes.hlines(y, *mark.span, color=colour, lw=1.5, alpha=opacity)
        if mark.span[1] > limit:
            axes.plot(limit, y, ">", color=colour, ms=6, alpha=opacity, clip_on=False)
    # What is hollow covers the lines behind it.
    axes.plot(mark.cost, y, MARKERS[mark.depth], color="white", ms=9, mew=0, zorder=3)
    shape = MARKERS[mark.depth]
    if mark.counts:
        axes.plot(mark.cost, y, shape, color=colour, ms=9, mec="white", alpha=opacity, zorder=4)
    else:
        axes.plot(mark.cost, y, shape, mfc="white", mec=colour, ms=8, mew=1.5, zorder=4)


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
