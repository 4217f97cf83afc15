"""How often the intervals hold the truth, by simulation; prints the table of docs/statistics.md.

    PYTHONPATH=src:tests python tests/given/interval_coverage.py

Takes some minutes; the same numbers come out each time.
"""

import argparse
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from given.simulated_study import (
    Population,
    answers,
    collapsing,
    left_tailed,
    normal,
    published,
)

from resnet_depth.evidence.contrasts import Means, image_covariance
from resnet_depth.evidence.statistics import effect, estimate_mean, variance_of_mean

CONFIDENCE = 0.95
RUNS = 2, 3, 4, 5, 10
BOOTSTRAP = 400
# Of each kind of seeds the populations of a shallower and a deeper network. Their names tell the
# spreads, in percentage points; runs that collapse end 15 points lower.
KINDS: dict[str, dict[int, Population]] = {
    "normal, 0.2 and 0.2": {18: normal(0.73, 0.002), 34: normal(0.75, 0.002)},
    "normal, 1 and 1": {18: normal(0.73, 0.01), 34: normal(0.75, 0.01)},
    "normal, 3 and 3": {18: normal(0.73, 0.03), 34: normal(0.75, 0.03)},
    "normal, 0.5 and 1": {18: normal(0.73, 0.005), 34: normal(0.7, 0.01)},
    "normal, 1 and 8": {34: normal(0.7, 0.01), 50: normal(0.52, 0.08)},
    "normal 1, left tail 3": {
        34: normal(0.7, 0.01),
        50: left_tailed(0.65, 0.03),
    },
    "normal 1, one in four collapsed": {
        34: normal(0.7, 0.01),
        50: collapsing(0.65, 0.01, 0.15),
    },
    "published ResNet-34 and 50": {34: published(34), 50: published(50)},
}
# The populations of one depth.
MEANS: dict[str, Population] = {
    "normal, 1": normal(0.7, 0.01),
    "left tail, 3": left_tailed(0.65, 0.03),
    "one in four collapsed": collapsing(0.65, 0.01, 0.15),
    "published ResNet-50": published(50),
}
# Lines of the table: an interval's field in `Coverage`, seeds, test images.
LINES = [
    *[("ours", f"normal, {spreads}", 360) for spreads in ("0.2 and 0.2", "1 and 1", "1 and 8")],
    *[("ours", name, 10_000) for name in KINDS],
    ("seeds_alone", "normal, 1 and 1", 360),
    ("bootstrap", "normal, 1 and 1", 360),
]


@dataclass(frozen=True)
class Coverage:
    """How often an interval of each kind held the difference of two depths, fractions.

    `seeds_alone` is Welch's, `bootstrap` the percentile bootstrap over seeds.
    """

    ours: float
    seeds_alone: float
    bootstrap: float


def coverage(
    populations: Mapping[int, Population], images: int, runs: int, studies: int, seed: int
) -> Coverage:
    """Simulate studies of two depths; return how often the intervals hold their difference."""
    random = np.random.default_rng(seed)
    first, second = populations
    weights = {second: 1.0, first: -1.0}
    truth = populations[second].mean() - populations[first].mean()
    held = np.zeros((studies, 3))
    for k in range(studies):
        correct = answers(populations, images, runs, random)
        groups = {d: [float(run.mean()) for run in found] for d, found in correct.items()}
        known = Means(groups, image_covariance(correct), images)
        ours = known.contrast(weights, CONFIDENCE)
        parts = [variance_of_mean(group) for group in groups.values()]
        welch = effect(known.value(weights), parts, CONFIDENCE)
        low, high = _bootstrap(groups[first], groups[second], random)
        if ours is None or welch is None:
            held[k] = np.nan  # Two runs that are equal in both depths: no interval is given.
            continue
        held[k] = (
            ours.low <= truth <= ours.high,
            welch.low <= truth <= welch.high,
            low <= truth <= high,
        )
    return Coverage(*(float(value) for value in np.nanmean(held, axis=0)))


def mean_coverage(population: Population, runs: int, studies: int, seed: int) -> float:
    """Return how often Student's interval for one depth's mean holds it, on the same images."""
    random, truth, held = np.random.default_rng(seed), population.mean(), 0
    for _ in range(studies):
        found = estimate_mean(random.choice(population, runs).tolist(), CONFIDENCE)
        held += found.low <= truth <= found.high
    return held / studies


def _bootstrap(
    first: list[float], second: list[float], random: np.random.Generator
) -> tuple[float, float]:
    """Return the percentile interval of the difference of two groups' means."""
    drawn = [random.choice(runs, (BOOTSTRAP, len(runs))).mean(axis=1) for runs in (first, second)]
    low, high = np.quantile(drawn[1] - drawn[0], [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    return float(low), float(high)


def table(studies: int) -> Iterator[str]:
    """Yield the lines of the coverage table, in Markdown."""
    yield f"| interval | seeds (spread) | images | {' | '.join(map(str, RUNS))} |"
    yield f"|{' --- |' * (3 + len(RUNS))}"
    for interval, name, images in LINES:
        found = [coverage(KINDS[name], images, n, studies, n) for n in RUNS]
        shares = [getattr(each, interval) for each in found]
        yield _row(interval.replace("_", " "), name, f"{images:,}", shares)
    for name, population in MEANS.items():
        shares = [mean_coverage(population, n, studies, n) for n in RUNS]
        yield _row("mean", name, "these", shares)


def _row(interval: str, seeds: str, images: str, shares: Sequence[float]) -> str:
    """Return a line of the table."""
    return f"| {interval} | {seeds} | {images} | {' | '.join(f'{s:.0%}' for s in shares)} |"


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--studies", type=int, default=2000, help="simulated studies a cell")
    for line in table(options.parse_args().studies):
        sys.stdout.write(line + "\n")
        sys.stdout.flush()
