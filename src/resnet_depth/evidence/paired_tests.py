"""Which test images each run gets right, compared between runs: all see the same images."""

from collections.abc import Mapping
from itertools import combinations, product

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

    A row for each ordered pair of depths, equal ones too: `covariance` is that of their mean
    accuracies, in fractions squared; see `contrasts.image_covariance`. `correct` says of each run
    whether it got each image right, shape (images,).
    """
    depths = sorted({run.depth for run in correct})
    stacked = {d: np.stack([c for run, c in correct.items() if run.depth == d]) for d in depths}
    values = image_covariance(stacked).flat
    images = stacked[depths[0]].shape[1]
    rows = [
        (*pair, images, value)
        for pair, value in zip(product(depths, repeat=2), values, strict=True)
    ]
    return pd.DataFrame(rows, columns=COVARIANCE_COLUMNS)


def mcnemar_table(correct: Mapping[Run, NDArray[np.bool_]]) -> pd.DataFrame:
    """Return McNemar's exact test of every pair of depths, for each seed that both have.

    A row for each pair (first is the shallower) and seed: `first_only` and `second_only` are
    numbers of images that one of the two networks alone got right; `correct` is as above.
    """
    rows = []
    for first, second in combinations(sorted(correct), 2):
        if first.depth < second.depth and first.seed == second.seed:
            one, other = correct[first], correct[second]
            counts = int((one & ~other).sum()), int((other & ~one).sum())
            pair = first.depth, second.depth, first.seed
            rows.append((*pair, len(one), *counts, mcnemar(*counts)))
    rows.sort()
    return pd.DataFrame(rows, columns=MCNEMAR_COLUMNS)
