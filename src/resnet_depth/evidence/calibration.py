"""How far a network's confidence can be believed: accuracy by confidence, in bins."""

from collections.abc import Mapping
from dataclasses import astuple

import numpy as np
import pandas as pd

from resnet_depth.evidence.predictions import Predictions
from resnet_depth.runs.names import Run

RELIABILITY_COLUMNS = [
    *["recipe", "depth", "seed", "bin", "low", "high", "images", "confidence", "accuracy"],
]


def reliability_table(predictions: Mapping[Run, Predictions], bins: int) -> pd.DataFrame:
    """Return how often each run was right at each confidence.

    The bins are those of `metrics.expected_calibration_error`, of equal width and closed on the
    right: that error is the mean of |accuracy − confidence| over the bins, weighted by images.

    A row for each recipe, depth, seed and bin of (0, 1]: its edges, its number of images, and their
    mean confidence and accuracy (fractions; empty for a bin without images).
    """
    edges = np.linspace(0.0, 1.0, bins + 1)
    rows = []
    for run, found in predictions.items():
        confidence = found.probabilities.max(axis=1).astype(np.float64)
        right = found.probabilities.argmax(axis=1) == found.labels
        bin_of = np.digitize(confidence, edges[1:-1], right=True)
        for k in range(bins):
            inside = bin_of == k
            images = int(inside.sum())
            means = [float(each[inside].mean()) if images else None for each in (confidence, right)]
            rows.append((*astuple(run), k, edges[k], edges[k + 1], images, *means))
    return pd.DataFrame(rows, columns=RELIABILITY_COLUMNS)


def pooled_bins(table: pd.DataFrame) -> pd.DataFrame:
    """Return a depth's bins over all its seeds, from its rows of `reliability_table`.

    A row for each bin with images, indexed by bin: `images` of all seeds together, their mean
    `confidence` and `accuracy`, and `least` and `most`, the accuracies of the seeds that have
    images there.
    """
    filled = table[table["images"] > 0]
    bins = filled.groupby("bin")
    images, accuracies = bins["images"].sum(), bins["accuracy"]
    sums = filled[["confidence", "accuracy"]].mul(filled["images"], axis=0).groupby(filled["bin"])
    means = sums.sum().div(images, axis=0)
    return means.assign(images=images, least=accuracies.min(), most=accuracies.max())


def overconfidence(table: pd.DataFrame) -> float:
    """Return mean confidence minus accuracy over all rows of `reliability_table` given."""
    filled = table[table["images"] > 0]
    gaps = (filled["confidence"] - filled["accuracy"]) * filled["images"]
    return float(gaps.sum() / filled["images"].sum())
