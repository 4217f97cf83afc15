"""How often the intervals hold the truth, by simulation: `python tests/interval_coverage.py`.

Two depths are tested on the same images. Run s of depth d gets image i right where

    m_d + a_ds + u_i + v_di + e_dsi > 0,

all normal: a is the seed's effect on the whole network, u what makes an image hard for all, v what
makes it hard for a depth, e the rest. So a depth's true accuracy is known: Φ(m_d / √(1 + var a)),
with var u + var v + var e = 1. Prints the table of `docs/statistics.md`.
"""

import argparse
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np
from scipy import stats

from resnet_depth.evidence.contrasts import DepthMeans, image_covariance
from resnet_depth.evidence.statistics import effect, estimate_mean, variance_of_mean

CONFIDENCE = 0.95
IMAGES, RUNS, SPREADS = (360, 10_000), (2, 3, 5, 10), (0.002, 0.01, 0.03)
ACCURACIES = {18: 0.73, 34: 0.75}
# Shares of the variance: images hard for all, images hard for a depth, the rest.
SHARED, OWN, REST = 0.6, 0.1, 0.3
BOOTSTRAP = 400


@dataclass(frozen=True)
class Coverage:
    """How often an interval of each kind held the truth, fractions; `width` is the first's mean.

    `contrast` is ours for a difference of depths, `seeds` Welch's over seeds alone, `bootstrap` the
    percentile bootstrap over seeds, and `mean` Student's for one depth on these very images.
    """

    contrast: float
    seeds: float
    bootstrap: float
    mean: float
    width: float


def study(
    images: int, runs: int, spread: float, random: np.random.Generator
) -> tuple[dict[int, np.ndarray], dict[int, float], float]:
    """Return which run got which image right, each depth's accuracy on them, and the truth.

    The accuracy on these very images (of depth 18) is what more seeds would bring; the truth is
    the difference of the two depths over all images and seeds.
    """
    shared = random.normal(0, SHARED**0.5, images)
    correct, on_these, truth = {}, {}, {}
    for depth, accuracy in ACCURACIES.items():
        centre = stats.norm.ppf(accuracy)
        tau = spread / stats.norm.pdf(centre)
        image = centre + shared + random.normal(0, OWN**0.5, images)
        seeds = random.normal(0, tau, (runs, 1))
        rest = random.normal(0, REST**0.5, (runs, images)).astype(np.float32)
        correct[depth] = image.astype(np.float32) + seeds + rest > 0
        on_these[depth] = float(stats.norm.cdf(image / (REST + tau**2) ** 0.5).mean())
        truth[depth] = float(stats.norm.cdf(centre / (1 + tau**2) ** 0.5))
    return correct, on_these, truth[34] - truth[18]


def coverage(images: int, runs: int, spread: float, studies: int, seed: int) -> Coverage:
    """Simulate studies and return how often each interval holds what it is of."""
    random = np.random.default_rng(seed)
    held = np.zeros((studies, 5))
    for k in range(studies):
        correct, on_these, truth = study(images, runs, spread, random)
        groups = {d: [float(run.mean()) for run in found] for d, found in correct.items()}
        known = DepthMeans(groups, image_covariance(correct), images)
        ours = known.contrast({34: 1.0, 18: -1.0}, CONFIDENCE)
        parts = [variance_of_mean(group) for group in groups.values()]
        welch = effect(known.value({34: 1.0, 18: -1.0}), parts, CONFIDENCE)
        mean = estimate_mean(groups[18], CONFIDENCE)
        drawn = [
            random.choice(np.array(groups[d]), (BOOTSTRAP, runs)).mean(axis=1) for d in (18, 34)
        ]
        low, high = np.quantile(drawn[1] - drawn[0], [0.025, 0.975])
        if ours is None or welch is None or mean.low is None or mean.high is None:
            held[k] = np.nan  # Two runs that are equal in both depths: no interval is given.
            continue
        held[k] = (
            ours.low <= truth <= ours.high,
            welch.low <= truth <= welch.high,
            low <= truth <= high,
            mean.low <= on_these[18] <= mean.high,
            ours.high - ours.low,
        )
    return Coverage(*(float(value) for value in np.nanmean(held, axis=0)))


def table(studies: int) -> Iterator[str]:
    """Yield the lines of the coverage table, in Markdown."""
    titles = ["images", "seed sd", "seeds", "ours", "width", "seeds alone", "bootstrap", "mean"]
    yield f"| {' | '.join(titles)} |"
    yield f"|{' --- |' * len(titles)}"
    for place, (images, spread, runs) in enumerate(product(IMAGES, SPREADS, RUNS)):
        found = coverage(images, runs, spread, studies, place)
        yield (
            f"| {images:,} | {100 * spread:g} | {runs} | {found.contrast:.1%} | "
            f"{100 * found.width:.1f} | {found.seeds:.1%} | {found.bootstrap:.1%} | "
            f"{found.mean:.1%} |"
        )


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--studies", type=int, default=2000, help="simulated studies a row")
    for line in table(options.parse_args().studies):
        sys.stdout.write(line + "\n")
        sys.stdout.flush()
