"""Simulated studies, of which the truth is known.

A depth's *population* holds the true accuracies of all its seeds; a run is one of them, drawn at
random. A run of true accuracy A gets image i right where

    Φ⁻¹(A) + u_i + v_i + e_i > 0,

all normal with variances that add up to 1: u is what makes an image hard for every network, v what
makes it hard for a depth, e the rest. So a depth's true accuracy is the mean of its population.
"""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

# Shares of the variance: images hard for all, images hard for a depth, the rest.
SHARED, OWN, REST = 0.6, 0.1, 0.3
SEEDS = (np.arange(400) + 0.5) / 400
RESULTS = Path(__file__).parents[2] / "docs/results/earlier"
STUDIES = "cifar10_jpeg", "cifar10_jpeg_4_seeds"

Population = NDArray[np.float64]


def normal(mean: float, sd: float) -> Population:
    """Return the true accuracies of normal seeds."""
    return mean + sd * stats.norm.ppf(SEEDS)


def left_tailed(mean: float, sd: float) -> Population:
    """Return those of seeds of which most are close to the best and few are far below."""
    return mean + sd * (1 - stats.expon.ppf(SEEDS))


def collapsing(mean: float, sd: float, fall: float) -> Population:
    """Return those of normal seeds, one in four of which collapsed: it ends lower by `fall`."""
    well = normal(mean + fall / 4, sd)
    return np.concatenate([well, well, well, well - fall])


def published(depth: int) -> Population:
    """Return a depth's seven test accuracies in the two published studies of three depths."""
    tables = [RESULTS / study / "tables/accuracy.csv" for study in STUDIES]
    runs = pd.concat([pd.read_csv(table) for table in tables])
    return runs.loc[runs["depth"] == depth, "test_accuracy"].to_numpy()


def answers(
    populations: Mapping[int, Population], images: int, runs: int, random: np.random.Generator
) -> dict[int, NDArray[np.bool_]]:
    """Draw a study: for each depth which run (rows) got which image (columns) right."""
    shared = random.normal(0, SHARED**0.5, images)
    correct = {}
    for depth, population in populations.items():
        ease = (shared + random.normal(0, OWN**0.5, images)).astype(np.float32)
        centres = stats.norm.ppf(random.choice(population, (runs, 1))).astype(np.float32)
        rest = random.standard_normal((runs, images), np.float32)
        correct[depth] = rest * np.float32(REST**0.5) > -(centres + ease)
    return correct
