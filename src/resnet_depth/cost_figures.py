"""Figures of what networks cost: training time, and inference one by one and in batches."""

from collections.abc import Sequence

from matplotlib.axes import Axes

from resnet_depth.accuracy_figures import subject
from resnet_depth.costs import Cost, batch_sizes, hardware, training_unit
from resnet_depth.drawing import (
    COLOURS,
    MARKERS,
    Plate,
    leave_room_for_points,
    new_figure,
    spread_of_points,
    width_of,
)
from resnet_depth.evidence import Evidence
from resnet_depth.wording import (
    duration,
    interval_name,
    listed,
    network_title,
    significant,
)

# Opacity of what stands for comparison.
PALE = 0.4


def training_time(evidence: Evidence, costs: Sequence[Cost]) -> Plate:
    """Draw training time by depth: every seed, the mean and its interval."""
    where = hardware(run for cost in costs for run in cost.runs)
    shared = sum(cost.shared_runs for cost in costs)
    marks = "Bar: mean; points: seeds"
    if len(evidence.seeds) > 1:
        marks += f"; line: {interval_name(evidence.confidence)} (Student's t)"
    if shared:
        marks += "; hollow: timed while others used the machine, not counted"
    subtitle = f"{subject(evidence)}, {where}. {marks}."
    figure = new_figure("Training time by depth", subtitle, width=width_of(len(costs)), height=3.2)
    axes = figure.subplots()
    length, unit = training_unit(costs)
    for place, cost in enumerate(costs):
        _training_bar(axes, place, cost, length, unit)
    leave_room_for_points(axes, len(costs))
    axes.set_ylim(0, 1.12 * axes.get_ylim()[1])
    axes.set_xticks(range(len(costs)), [network_title(cost.depth) for cost in costs])
    axes.set_ylabel(f"Training time ({unit})")
    told = [
        f"{network_title(cost.depth)} {duration(cost.train_seconds.mean)}"
        for cost in costs
        if cost.train_seconds
    ]
    alt = f"Mean training time: {listed(told)}." if told else "No run had the machine to itself."
    record = evidence.training(evidence.depths[0])
    caption = (
        f"Time to train on {record.train_images:,} images for {record.epochs} epochs in batches "
        f"of {record.batch_size}, without validation and loading."
    )
    return Plate("training_time", "Training time by depth", caption, alt, figure)


def _training_bar(axes: Axes, place: int, cost: Cost, length: float, unit: str) -> None:
    """Draw the training times of one depth, in a unit of so many seconds."""
    colour, found = COLOURS[cost.depth], cost.train_seconds
    top = max((run.train_seconds / length for run in cost.runs if not run.shared), default=0.0)
    if found is not None:
        mean = found.mean / length
        axes.bar(place, mean, width=0.56, color=colour, alpha=0.25, lw=0)
        axes.hlines(mean, place - 0.28, place + 0.28, color=colour, lw=2)
        if found.half_width is not None:
            axes.errorbar(
                place + 0.1,
                mean,
                found.half_width / length,
                color=colour,
                lw=2,
                capsize=5,
                capthick=2,
            )
            top = max(top, mean + found.half_width / length)
    for k, run in enumerate(cost.runs):
        face = "none" if run.shared else colour
        x = place - 0.15 + spread_of_points(k, len(cost.runs)) / 2
        y = run.train_seconds / length
        axes.plot(x, y, MARKERS[cost.depth], mfc=face, mec=colour, ms=4.5, mew=1)
    if found is not None:
        axes.annotate(
            f"{significant(found.mean / length)} {unit}",
            (place, top),
            xytext=(0, 6),
            textcoords="offset points",
            ha="center",
            weight="bold",
            color=colour,
        )


def inference(evidence: Evidence, costs: Sequence[Cost]) -> Plate:
    """Draw inference: the time of one image, and images a second in batches, in both forms."""
    where = hardware(cost.latency for cost in costs)
    single, batched = batch_sizes(costs, "single"), batch_sizes(costs, "batched")
    subtitle = (
        f"{evidence.title}, seed {costs[0].latency.seed}, {where}. Left: median (mark), 90th "
        f"(tick) and 99th percentile (line's end) of {costs[0].latency.deployed.single.repeats} "
        f"runs. Right: at the median of {costs[0].latency.deployed.batched.repeats} runs. "
        "Pale: the plain network."
    )
    if any(cost.latency.shared for cost in costs):
        subtitle += " Timed while others used the machine."
    height = 1.2 + 0.6 * len(costs)
    figure = new_figure("Inference", subtitle, width=7.5, height=height)
    left, right = figure.subplots(1, 2, sharey=True)
    for place, cost in enumerate(costs):
        _latency_line(left, place, cost)
        _throughput_bar(right, place, cost)
    left.set_yticks(range(len(costs)), [network_title(cost.depth) for cost in costs])
    left.set_ylim(len(costs) - 0.45, -0.65)
    left.set_title(f"Latency, batch of {single}")
    left.set_xlabel("Milliseconds")
    right.set_title(f"Throughput, batch of {batched}")
    right.set_xlabel("Images/s")
    for axes in (left, right):
        axes.grid(visible=False, axis="y")
        axes.grid(visible=True, axis="x")
        axes.tick_params(axis="y", length=0)
        axes.set_xlim(0, 1.18 * axes.get_xlim()[1])
    told = [
        f"{network_title(cost.depth)} {duration(cost.latency.deployed.single.median_seconds)} and "
        f"{significant(cost.latency.deployed.batched.images_per_second)} images/s"
        for cost in costs
    ]
    alt = f"Median latency of a batch of {single} and throughput: {listed(told)}."
    largest = max(cost.latency.largest_output_difference for cost in costs)
    caption = (
        "The deployed form (live taps only, batch norm folded, channels last) and, pale, the plain "
        f"network; their outputs differ by at most {largest:.0e}. The network alone, on images "
        f"that lie on the device already; after {costs[0].latency.deployed.single.warmup} and "
        f"{costs[0].latency.deployed.batched.warmup} untimed runs. One network a depth, so there "
        "is no spread over seeds."
    )
    return Plate("inference", "Inference", caption, alt, figure)


def _latency_line(axes: Axes, place: int, cost: Cost) -> None:
    """Draw median, 90th and 99th percentile of one depth's latencies, in milliseconds."""
    colour = COLOURS[cost.depth]
    forms = ((cost.latency.deployed, -0.12, 1.0), (cost.latency.plain, 0.2, PALE))
    for timings, shift, alpha in forms:
        times = timings.single
        median, p90, p99 = (
            1e3 * seconds
            for seconds in (times.median_seconds, times.p90_seconds, times.p99_seconds)
        )
        y = place + shift
        axes.hlines(y, median, p99, color=colour, lw=2, alpha=alpha)
        axes.plot(p90, y, "|", color=colour, ms=9, mew=2, alpha=alpha)
        axes.plot(median, y, MARKERS[cost.depth], color=colour, ms=8, mec="white", alpha=alpha)
    text = duration(cost.latency.deployed.single.median_seconds)
    median = 1e3 * cost.latency.deployed.single.median_seconds
    axes.text(median, place - 0.26, text, color=colour, weight="bold", ha="center", va="bottom")


def _throughput_bar(axes: Axes, place: int, cost: Cost) -> None:
    """Draw how many images a second one depth classifies."""
    rate, colour = cost.latency.deployed.batched.images_per_second, COLOURS[cost.depth]
    plain = cost.latency.plain.batched.images_per_second
    axes.barh(place - 0.12, rate, height=0.4, color=colour, alpha=0.85)
    axes.barh(place + 0.2, plain, height=0.2, color=colour, alpha=PALE)
    axes.annotate(
        significant(rate),
        (rate, place - 0.12),
        xytext=(5, 0),
        textcoords="offset points",
        va="center",
        weight="bold",
        color=colour,
    )
