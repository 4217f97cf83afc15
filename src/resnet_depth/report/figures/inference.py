"""Figure of inference: how latencies of single images spread, and images a second in batches."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import LogLocator, NullFormatter, ScalarFormatter

from resnet_depth.evidence.costs import Cost, batch_sizes, hardware
from resnet_depth.evidence.evidence import Evidence
from resnet_depth.evidence.wording import by_network, duration, listed, network_title, significant
from resnet_depth.report.figures.drawing import COLOURS, MARKERS, Plate, label, new_figure, rows_of

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
    """Draw inference: every timed run of one image, and images a second in batches."""
    where = hardware(cost.latency for cost in costs)
    single, batched = batch_sizes(costs, "single"), batch_sizes(costs, "batched")
    one, many = costs[0].latency.deployed.single, costs[0].latency.deployed.batched
    subtitle = (
        f"{evidence.title}, seed {costs[0].latency.seed}, {where}. Left: each of {one.repeats} "
        "runs (dots), their median (mark), 90th (tick) and 99th percentile (line's end). Right: "
        f"at the median of {many.repeats} runs. Pale, below: the plain network."
    )
    shared = [network_title(cost.depth) for cost in costs if cost.latency.shared]
    if shared:
        subtitle += f" {listed(shared)}: timed while others used the machine."
    figure = new_figure("Inference", subtitle, width=7.5, height=1.0 + 0.72 * len(costs))
    left, right = figure.subplots(1, 2, sharey=True, width_ratios=(1.35, 1))
    for place, cost in enumerate(costs):
        _latencies(left, place, cost)
        _throughputs(right, place, cost)
    left.set_ylim(len(costs) - 0.45, -0.6)
    left.set_title(f"Latency, batch of {single}")
    right.set_title(f"Throughput, batch of {batched}")
    right.set_xlabel("Images/s")
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
    largest = max(cost.latency.largest_output_difference for cost in costs)
    caption = (
        "The deployed form (live taps only, batch norm folded, channels last) and, pale, the plain "
        f"network; their outputs differ by at most {largest:.0e}. The network alone, on images "
        f"that lie on the device already; after {one.warmup} and {many.warmup} untimed runs. One "
        "network a depth: the dots are runs of it, and there is no spread over seeds."
    )
    return Plate("inference", "Inference", caption, alt, figure)


def _scale(axes: Axes, costs: Sequence[Cost]) -> None:
    """Set the axis of latencies from the shortest run to the longest 99th percentile."""
    forms = [t.single for cost in costs for t in (cost.latency.deployed, cost.latency.plain)]
    low = 1e3 * min(min(times.seconds) for times in forms)
    high = 1e3 * max(max(times.p99_seconds, *times.seconds) for times in forms)
    if high <= WIDE_RANGE * low:
        axes.set_xlim(0, 1.08 * high)
        axes.set_xlabel("Milliseconds")
        return
    axes.set_xscale("log")
    axes.set_xlim(low / 1.25, 1.25 * high)
    steps = (1.0,) if high > 1e3 * low else (1.0, 2.0, 5.0)
    axes.xaxis.set_major_locator(LogLocator(subs=steps))
    axes.xaxis.set_major_formatter(ScalarFormatter())
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.set_xlabel("Milliseconds (logarithmic)")


def _latencies(axes: Axes, place: int, cost: Cost) -> None:
    """Draw one depth's latencies, in milliseconds: the deployed form above, the plain below."""
    colour = COLOURS[cost.depth]
    deployed, plain = cost.latency.deployed.single, cost.latency.plain.single
    for times, y, alpha in ((deployed, place - 0.08, 1.0), (plain, place + 0.27, PALE)):
        runs = 1e3 * np.array(times.seconds)
        if len(runs) > MOST_RUNS:
            runs = np.quantile(runs, np.linspace(0, 1, MOST_RUNS))
        across = y + 0.16 * ((GOLDEN * np.arange(len(runs))) % 1 - 0.5)
        axes.plot(runs, across, ".", color=colour, ms=3, mew=0, alpha=FAINT * alpha)
        median = 1e3 * times.median_seconds
        axes.hlines(y, median, 1e3 * times.p99_seconds, color=colour, lw=1.6, alpha=alpha)
        axes.plot(1e3 * times.p90_seconds, y, "|", color=colour, ms=9, mew=1.8, alpha=alpha)
        axes.plot(median, y, MARKERS[cost.depth], color=colour, ms=7, mec="white", alpha=alpha)
    at = 1e3 * deployed.median_seconds, place - 0.2
    text = duration(deployed.median_seconds)
    label(axes, text, at, (-4, 0), color=colour, weight="bold", va="bottom")


def _throughputs(axes: Axes, place: int, cost: Cost) -> None:
    """Draw how many images a second one depth classifies."""
    rate, colour = cost.latency.deployed.batched.images_per_second, COLOURS[cost.depth]
    plain = cost.latency.plain.batched.images_per_second
    axes.barh(place - 0.08, rate, height=0.32, color=colour, alpha=0.85)
    axes.barh(place + 0.2, plain, height=0.18, color=colour, alpha=PALE)
    at = rate, place - 0.08
    label(axes, significant(rate), at, (5, 0), va="center", weight="bold", color=colour)
