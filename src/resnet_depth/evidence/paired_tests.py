"""Which test images each run gets right, compared between runs: all see the same images."""

from collections.abc import Mapping
from itertools import combinations, product

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from resnet_depth.evidence.contrasts import image_covariance
from resnet_depth.evidence.hypotheses import mcnemar
from resnet_depth.runs.names import Run

COVARIANCE_COLUMNS = [
    *["first_recipe", "first", "second_recipe", "second", "images", "covariance"],
]
MCNEMAR_COLUMNS = [
    "recipe",
    "first",
    "second",
    "seed",
    "images",
    "first_only",
    "second_only",
    "p_value",
]


def covariance_table(correct: Mapping[Run, NDArray[np.bool_]]) -> pd.DataFrame:
    """Return how the networks' accuracies would vary together over other test images.

    A row for each ordered pair of recipe and depth, equal ones too: `covariance` is that of their
    mean accuracies, in fractions squared; see `contrasts.image_covariance`. `correct` says of each
    run whether it got each image right, shape (images,).
    """
    networks = list(dict.fromkeys(run.network for run in correct))
    stacked = {n: np.stack([c for run, c in correct.items() if run.network == n]) for n in networks}
    values = image_covariance(stacked).flat
    images = stacked[networks[0]].shape[1]
    rows = [
        (first.recipe, first.depth, second.recipe, second.depth, images, value)
        for (first, second), value in zip(product(networks, repeat=2), values, strict=True)
    ]
    return pd.DataFrame(rows, columns=COVARIANCE_COLUMNS)


def mcnemar_table(correct: Mapping[Run, NDArray[np.bool_]]) -> pd.DataFrame:
    """Return McNemar's exact test of every pair of a recipe's depths, for each seed.

    A row for each recipe, pair (first is the shallower) and seed: `first_only` and `second_only`
    are numbers of images that one of the two networks alone got right; `correct` is as above.
    """
    rows = []
    by_seed = sorted(correct, key=lambda run: (run.depth, run.seed))
    for first, second in combinations(by_seed, 2):
        same = (first.recipe, first.seed) == (second.recipe, second.seed)
        if same and first.depth < second.depth:
            one, other = correct[first], correct[second]
            counts = int((one & ~other).sum()), int((other & ~one).sum())
            pair = first.recipe, first.depth, second.depth, first.seed
            rows.append((*pair, len(one), *counts, mcnemar(*counts)))
    recipes = list(dict.fromkeys(run.recipe for run in correct))
    rows.sort(key=lambda row: (recipes.index(row[0]), row))
    return pd.DataFrame(rows, columns=MCNEMAR_COLUMNS)
