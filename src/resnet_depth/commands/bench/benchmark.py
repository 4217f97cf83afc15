"""How fast a network trains here, beside the plain loop and beside this machine's own limit.

The contenders take turns, a short segment each, round after round, so that whatever slows the
machine down for a while slows all of them. Only figures of the same round are compared.
"""

import multiprocessing
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess

import numpy as np
import torch
from numpy.typing import NDArray

from resnet_depth.base.errors import UserError
from resnet_depth.base.progress import progress
from resnet_depth.commands.bench.augmentation import augmentation_costs
from resnet_depth.commands.bench.contenders import (
    CLASSES,
    IMAGE_SIZE,
    LIMIT_SIDE,
    Setup,
    Start,
    contenders,
    serve,
)
from resnet_depth.commands.bench.records import Benchmark, Comparison, Projection, Spread
from resnet_depth.machine.device import device_title, select_device
from resnet_depth.machine.environment import environment
from resnet_depth.networks.counts import training_flops
from resnet_depth.networks.shape import NetworkShape
from resnet_depth.training.session import PRECISION

PLAIN_LOOPS = ("plain_loop_0_workers", "plain_loop_2_workers")
LIMITS = ("torch_mm", "onednn_mm")
# The study whose training time is projected: an epoch's images, and epochs.
STUDY_DEPTHS, STUDY_IMAGES, STUDY_EPOCHS = (18, 34, 50), 50_000, 5
UNTIMED_STEPS = 1
# Images a batch of which each kind of augmentation is timed.
AUGMENTED_BATCHES = [128, 512]


def run_benchmark(
    setup: Setup,
    depths: list[int],
    batch_sizes: list[int],
    rounds: int,
    segment_seconds: float,
) -> Benchmark:
    """Measure all contenders, interleaved.

    Each of `batch_sizes`, images a step, is measured with each depth: of each contender `rounds`
    segments, at least 1, of about `segment_seconds` are timed.

    Raises:
        UserError: If the device isn't there, or a contender's process ended.
    """
    device = select_device(setup.hardware.device)
    starts = [Start(depth, size) for size in batch_sizes for depth in depths]
    results = []
    with _processes(contenders(device, setup.recipe), setup) as connections:
        total = len(starts) * (rounds + 1) * len(connections)
        with progress("bench", total, "segments") as advance:
            for start in starts:
                figures = defaultdict[str, list[float]](list)
                for segment in _segments(connections, start, rounds, segment_seconds):
                    advance(1)
                    for name, rate in segment.items():
                        figures[name].append(rate)
                results.append(compared(start, figures))
    torch.set_num_threads(setup.hardware.threads)
    augmentation = augmentation_costs(setup.recipe, device, AUGMENTED_BATCHES)
    return Benchmark(
        what="training throughput, images/s; contenders interleaved in one run",
        images=f"random, {IMAGE_SIZE}×{IMAGE_SIZE} pixels",
        stem="imagenet",
        dtype=PRECISION,
        device=device.type,
        device_title=device_title(device),
        threads=setup.hardware.threads,
        rounds=rounds,
        results=results,
        augmentation=augmentation,
        study=projected(results, setup.recipe.batch_size),
        environment=environment(),
    )


def compared(start: Start, figures: dict[str, list[float]]) -> Comparison:
    """Return a depth's figures at a batch size, and what follows from them.

    `figures` has each contender's, one a round: images/s, or GFLOP/s of matrix products. Ours is
    compared with the plain loop with the number of workers of the larger median, with the plain
    network, and with the limit: the better of the matrix products' medians.
    """
    flops = training_flops(NetworkShape(start.depth, CLASSES, "imagenet", IMAGE_SIZE))
    plain_loop = max(PLAIN_LOOPS, key=lambda name: float(np.median(figures[name])))
    limit = max(set(LIMITS) & set(figures), key=lambda name: float(np.median(figures[name])))
    ours = np.array(figures["ours"])
    unaugmented = figures.get("ours_unaugmented")
    return Comparison(
        depth=start.depth,
        batch_size=start.batch_size,
        training_flops_per_image=flops,
        images_per_second={name: each for name, each in figures.items() if name not in LIMITS},
        limit_gflops={name: each for name, each in figures.items() if name in LIMITS},
        plain_loop=plain_loop,
        limit=limit,
        over_unaugmented=_spread(ours / np.array(unaugmented)) if unaugmented else None,
        over_plain_loop=_spread(ours / np.array(figures[plain_loop])),
        over_plain_network=_spread(ours / np.array(figures["plain_network"])),
        fraction_of_limit=_spread(ours * flops / 1e9 / np.array(figures[limit])),
    )


def projected(results: list[Comparison], batch_size: int) -> Projection | None:
    """Return how long the reference study would train with the recipe's batch size.

    None where not all of its networks were measured with that.
    """
    at_size = {row.depth: row for row in results if row.batch_size == batch_size}
    if not set(STUDY_DEPTHS) <= set(at_size):
        return None
    minutes = {"plain_loop": 0.0, "ours": 0.0}
    for depth in STUDY_DEPTHS:
        row = at_size[depth]
        for who, name in zip(minutes, (row.plain_loop, "ours"), strict=True):
            rate = float(np.median(row.images_per_second[name]))
            minutes[who] += STUDY_IMAGES * STUDY_EPOCHS / rate / 60
    return Projection(
        depths=list(STUDY_DEPTHS),
        images=STUDY_IMAGES,
        epochs=STUDY_EPOCHS,
        batch_size=batch_size,
        minutes=minutes,
    )


def _spread(values: NDArray[np.float64]) -> Spread:
    return Spread(median=float(np.median(values)), min=values.min(), max=values.max())


def _segments(
    connections: dict[str, Connection], start: Start, rounds: int, seconds: float
) -> Iterator[dict[str, float]]:
    """Yield each contender's figure, segment by segment; empty while they warm up."""
    for connection in connections.values():
        connection.send(start)
    steps = dict[str, int]()
    for name, connection in connections.items():
        steps[name] = max(1, round(seconds / _timed(name, connection, UNTIMED_STEPS)))
        yield {}
    for _ in range(rounds):
        for name, connection in connections.items():
            # After the others, a contender finds the processor's caches full of their data.
            _timed(name, connection, UNTIMED_STEPS)
            a_second = steps[name] / _timed(name, connection, steps[name])
            step = 2 * LIMIT_SIDE**3 / 1e9 if name in LIMITS else start.batch_size
            yield {name: a_second * step}
    for connection in connections.values():
        connection.send(None)


def _timed(name: str, connection: Connection, steps: int) -> float:
    """Return the seconds that a contender took for so many steps."""
    connection.send(steps)
    try:
        return float(connection.recv())
    except EOFError:
        raise UserError(
            f"bench: the process of {name} ended (see above; if nothing is said, it was killed, "
            "maybe for lack of memory: try a smaller --batch-size or --depth)"
        ) from None


@contextmanager
def _processes(names: list[str], setup: Setup) -> Iterator[dict[str, Connection]]:
    """Yield a connection to a new process of each contender; all have ended afterwards."""
    # A contender is forked from a process that has imported what it needs, and done nothing else.
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([serve.__module__])
    connections = dict[str, Connection]()
    with ExitStack() as stack:
        for name in names:
            here, there = context.Pipe()
            process = context.Process(target=serve, args=(name, setup, there))
            process.start()
            there.close()
            stack.callback(_end, process, here)
            connections[name] = here
        yield connections


def _end(process: BaseProcess, connection: Connection) -> None:
    """End a contender: asked between two trainings, or by force."""
    with suppress(OSError):
        connection.send(None)
    process.join(timeout=10.0)
    process.kill()  # Nothing where it has ended.
    process.join()
    connection.close()
