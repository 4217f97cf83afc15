"""Figure of inference: how latencies of single images spread, and images/s in batches."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import LogLocator, NullFormatter

from resnet_depth.evidence.costs import Cost, batch_sizes, deployed_form, hardware, sessions
from resnet_depth.evidence.evidence import Evidence
from resnet_depth.evidence.wording import (
    by_network,
    duration,
    listed,
    network_title,
    scientific,
    shortest,
    significant,
)
from resnet_depth.latency.records import Timings
from resnet_depth.report.figures.drawing import (
    COLOURS,
    MARKERS,
    Plate,
    label,
    new_figure,
    number_axis,
    rows_of,
)

# Opacity of what stands for comparison, and of single runs.
PALE = 0.45
FAINT = 0.3
# Of more timed runs so many, evenly over their order by length, are drawn.
MOST_RUNS = 200
# Latencies that differ by more than this factor are drawn on a logarithmic axis.
WIDE_RANGE = 8.0
# Consecutive points lie far apart across the line: multiples of the golden section, modulo 1.
GOLDEN = 0.6180339887498949


def inference(evidence: Evidence, costs: Sequence[Cost]) -> Plate:
    """Draw inference: every timed run of one image, and images per second in batches."""
    timed = [cost.latency for cost in costs]
    where = hardware(timed)
    single, batched = batch_sizes(timed, "single"), batch_sizes(timed, "batched")
    one, many = costs[0].latency.deployed.single, costs[0].latency.deployed.batched
    others = "hollow: in 8-bit integers; pale" if _int8(costs) else "pale"
    subtitle = (
        f"{evidence.title}, seed {costs[0].latency.seed}, {where}. Left: {one.repeats:,} runs in "
        f"{sessions(timed)}: each run (dots), median (mark), 90th (tick) and 99th percentile (end "
        f"of the line). Right: at the median. Solid: the deployed network; {others}: the plain one."
    )
    shared = [network_title(cost.depth) for cost in costs if cost.latency.shared]
    if shared:
        subtitle += f" {listed(shared)}: timed while others used the machine."
    figure = new_figure("Inference", subtitle, width=7.5, height=1.0 + 0.9 * len(costs))
    left, right = figure.subplots(1, 2, sharey=True, width_ratios=(1.35, 1))
    for place, cost in enumerate(costs):
        for form in _forms(cost, place):
            _latencies(left, form, cost.depth)
            _throughput(right, form, cost.depth)
    left.set_ylim(len(costs) - 0.45, -0.6)
    left.set_title(f"Latency, batch of {single}")
    right.set_title(f"Throughput, batch of {batched}")
    number_axis(right.xaxis, "Images/s", steps=5)
    for axes in (left, right):
        rows_of(axes, [network_title(cost.depth) for cost in costs])
    _scale(left, costs)
    right.set_xlim(0, 1.25 * right.get_xlim()[1])
    told = {
        cost.depth: f"{duration(cost.latency.deployed.single.median_seconds)} and "
        f"{significant(cost.latency.deployed.batched.images_per_second)} images/s"
        for cost in costs
    }
    alt = f"Median latency of a batch of {single} and throughput: {by_network(told)}."
    largest = max(each.largest_output_difference for each in timed)
    caption = (
        f"The deployed form is {deployed_form(timed)}; its outputs differ from the plain "
        f"network's by at most {scientific(largest)}. Only the network is timed, on images already "
        f"in memory, after {one.warmup:,} (left) and {many.warmup:,} (right) untimed runs per "
        "session. One network per depth was timed, so there is no spread over seeds."
    )
    return Plate("inference", "Inference", caption, alt, figure)


@dataclass(frozen=True)
class _Form:
    """One form of a network in the figure: its times, where it stands, and how it is drawn."""

    times: Timings
    place: float
    height: float
    alpha: float
    filled: bool
    named: bool


def _int8(costs: Sequence[Cost]) -> list[Timings]:
    """Return the times in 8-bit integers of the networks that have any."""
    return [cost.latency.int8 for cost in costs if cost.latency.int8 is not None]


def _forms(cost: Cost, place: int) -> list[_Form]:
    """Return the forms of a network, in the row `place` from above."""
    latency = cost.latency
    forms = [
        _Form(latency.deployed, place - 0.18, 0.26, 1, True, True),
        _Form(latency.plain, place + 0.34, 0.12, PALE, True, False),
    ]
    if latency.int8 is not None:
        forms.append(_Form(latency.int8, place + 0.12, 0.18, 1, False, True))
    return forms


def _scale(axes: Axes, costs: Sequence[Cost]) -> None:
    """Set the axis of latencies from the shortest run to the longest, with room for names."""
    forms = [form for cost in costs for form in _forms(cost, 0)]
    low = 1e3 * min(min(form.times.single.seconds) for form in forms)
    high = max(_end(form) for form in forms)
    named = max(_end(form) for form in forms if form.named)
    if high <= WIDE_RANGE * low:
        number_axis(axes.xaxis, "Milliseconds")
        axes.set_xlim(0, max(1.08 * high, 1.3 * named))
        return
    axes.set_xscale("log")
    axes.set_xlim(low / 1.25, max(1.25 * high, named * (named / low) ** 0.3))
    steps = (1.0,) if high > 1e3 * low else (1.0, 2.0, 5.0)
    axes.xaxis.set_major_locator(LogLocator(subs=steps))
    axes.xaxis.set_major_formatter(lambda value, _: shortest(value))
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.set_xlabel("Milliseconds (logarithmic)")


def _end(form: _Form) -> float:
    """Return how far the latencies of one form reach, in milliseconds."""
    return 1e3 * max(form.times.single.p99_seconds, *form.times.single.seconds)


def _latencies(axes: Axes, form: _Form, depth: int) -> None:
    """Draw the latencies of one form of a network, in milliseconds."""
    times, y, alpha, colour = form.times.single, form.place, form.alpha, COLOURS[depth]
    runs = 1e3 * np.array(times.seconds)
    if len(runs) > MOST_RUNS:
        runs = np.quantile(runs, np.linspace(0, 1, MOST_RUNS))
    across = y + 0.16 * ((GOLDEN * np.arange(len(runs))) % 1 - 0.5)
    axes.plot(runs, across, ".", color=colour, ms=3, mew=0, alpha=FAINT * alpha)
    median = 1e3 * times.median_seconds
    axes.hlines(y, median, 1e3 * times.p99_seconds, color=colour, lw=1.6, alpha=alpha)
    axes.plot(1e3 * times.p90_seconds, y, "|", color=colour, ms=9, mew=1.8, alpha=alpha)
    inside, rim = (colour, "white") if form.filled else ("white", colour)
    axes.plot(median, y, MARKERS[depth], color=inside, ms=6.5, mec=rim, alpha=alpha)
    if form.named:
        text = duration(times.median_seconds)
        label(axes, text, (_end(form), y), (5, 0), color=colour, weight="bold", va="center")


def _throughput(axes: Axes, form: _Form, depth: int) -> None:
    """Draw how many images per second one form of a network classifies."""
    rate, colour = form.times.batched.images_per_second, COLOURS[depth]
    face = colour if form.filled else "white"
    alpha = 0.85 * form.alpha
    axes.barh(form.place, rate, height=form.height, color=face, edgecolor=colour, alpha=alpha)
    if form.named:
        at = rate, form.place
        label(axes, significant(rate), at, (5, 0), va="center", weight="bold", color=colour)
