"""The benchmark's results as a table for a terminal."""

from collections.abc import Sequence

import numpy as np

from resnet_depth.commands.bench.records import AugmentationCost, Benchmark, Spread
from resnet_depth.evidence.wording import listed, network_title

COLUMNS = "{:11}{:>6}{:>12}{:>15}{:>8}  {:21}{:21}{:}"


def benchmark_table(benchmark: Benchmark) -> str:
    """Return the results of `benchmark.run_benchmark` as lines of at most 110 characters."""
    machine = benchmark.environment.machine_class
    where = benchmark.device_title if benchmark.device != "cpu" else machine.processor
    lines = [
        f"Training throughput, images/s; {benchmark.images}, {benchmark.dtype}",
        f"{where}, {benchmark.threads} CPU threads, torch {machine.packages['torch']}",
        f"Medians of {benchmark.rounds} interleaved rounds; ratios with their range",
        "",
        COLUMNS.format(
            *("Network", "Batch", "Plain loop", "Plain network", "Ours"),
            *("over plain loop", "over plain network", "of the limit"),
        ),
    ]
    for row in benchmark.results:
        rates = {name: np.median(each) for name, each in row.images_per_second.items()}
        lines.append(
            COLUMNS.format(
                network_title(row.depth),
                row.batch_size,
                *(f"{rates[name]:,.0f}" for name in (row.plain_loop, "plain_network", "ours")),
                _ratio(row.over_plain_loop),
                _ratio(row.over_plain_network),
                _share(row.fraction_of_limit),
            )
        )
    lines += ["", *_notes(benchmark), "", *augmentation_table(benchmark.augmentation)]
    return "\n".join(lines) + "\n"


def augmentation_table(costs: Sequence[AugmentationCost]) -> list[str]:
    """Return what each kind of augmentation takes a batch, in milliseconds, as lines."""
    sizes = sorted({cost.batch_size for cost in costs})
    rows = dict[str, dict[int, float]]()
    for cost in costs:
        rows.setdefault(cost.kind, {})[cost.batch_size] = cost.milliseconds
    columns = "{:18}" + "{:>8}" * len(sizes)
    lines = ["Augmentation, milliseconds a batch of so many images", columns.format("", *sizes)]
    for kind, row in rows.items():
        lines.append(columns.format(kind, *(f"{row[size]:.2f}" for size in sizes)))
    return lines


def _ratio(spread: Spread) -> str:
    return f"{spread.median:.2f} × ({spread.min:.2f}–{spread.max:.2f})"


def _share(spread: Spread) -> str:
    return f"{spread.median:.0%} ({spread.min:.0%}–{spread.max:.0%})"


def _notes(benchmark: Benchmark) -> list[str]:
    """Return what the columns mean, and what the reference study would take."""
    limits = dict[str, list[float]]()
    for row in benchmark.results:
        for name, values in row.limit_gflops.items():
            limits.setdefault(name, []).extend(values)
    measured = [f"{np.median(values):.0f} by {name}" for name, values in sorted(limits.items())]
    workers = sorted({row.plain_loop.split("_")[2] for row in benchmark.results})
    lines = [
        "Plain loop: torchvision's network, a dataset of PIL images, torch's Adam and a DataLoader",
        f"(the better of 0 and 2 workers, here {' or '.join(workers)}). Plain network: the same on "
        "tensors in memory.",
        f"Limit: the faster product of square matrices ({listed(measured)}, in GFLOP/s)",
        "over the operations of the live network.",
    ]
    lines += [
        f"{network_title(row.depth)}, batch {row.batch_size}: {_ratio(row.over_unaugmented)} of "
        "the images/s without augmentation."
        for row in benchmark.results
        if row.over_unaugmented
    ]
    study = benchmark.study
    if study:
        minutes = study.minutes
        depths = listed([str(depth) for depth in study.depths])
        lines.append(
            f"Reference study, projected (ResNet-{depths}, {study.epochs} epochs of "
            f"{study.images:,} images): {minutes['ours']:.1f} min; "
            f"plain loop {minutes['plain_loop']:.1f} min."
        )
    return lines
