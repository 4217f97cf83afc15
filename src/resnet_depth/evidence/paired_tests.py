"""Which test images each run gets right, compared between runs: all see the same images."""

from collections.abc import Mapping
from itertools import combinations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from resnet_depth.evidence.contrasts import image_covariance
from resnet_depth.evidence.hypotheses import mcnemar
from resnet_depth.runs.names import Run

COVARIANCE_COLUMNS = ["first", "second", "images", "covariance"]
MCNEMAR_COLUMNS = ["first", "second", "seed", "images", "first_only", "second_only", "p_value"]


def covariance_table(correct: Mapping[Run, NDArray[np.bool_]]) -> pd.DataFrame:
    """Return how the depths' accuracies would vary together over other test images.

    Args:
        correct: For each run whether it got each image right, shape (images,).

    Returns:
        A row for each ordered pair of depths, equal ones too: `covariance` is that of their mean
        accuracies, in fractions squared; see `contrasts.image_covariance`.
    """
    depths = sorted({run.depth for run in correct})
    stacked = {d: np.stack([c for run, c in correct.items() if run.depth == d]) for d in depths}
    matrix = image_covariance(stacked)
    images = stacked[depths[0]].shape[1]
    rows = [
        (first, second, images, float(matrix[i, j]))
        for i, first in enumerate(depths)
        for j, second in enumerate(depths)
    ]
    return pd.DataFrame(rows, columns=COVARIANCE_COLUMNS)


def mcnemar_table(correct: Mapping[Run, NDArray[np.bool_]]) -> pd.DataFrame:
    """Return McNemar's exact test of every pair of depths, for each seed that both have.

    Args:
        correct: For each run whether it got each image right, shape (images,).

    Returns:
        A row for each pair (first is the shallower) and seed: `first_only` and `second_only` are
        numbers of images that one of the two networks alone got right.
    """
    rows = []
    depths = sorted({run.depth for run in correct})
    for first, second in combinations(depths, 2):
        for seed in sorted({run.seed for run in correct}):
            if Run(first, seed) not in correct or Run(second, seed) not in correct:
                continue
            one, other = correct[Run(first, seed)], correct[Run(second, seed)]
            counts = int((one & ~other).sum()), int((other & ~one).sum())
            rows.append((first, second, seed, len(one), *counts, mcnemar(*counts)))
    return pd.DataFrame(rows, columns=MCNEMAR_COLUMNS)
