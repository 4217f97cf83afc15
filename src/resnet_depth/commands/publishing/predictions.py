"""What a publication keeps of a run's test: of each image the class predicted, and how surely.

That is six bytes an image, where `predictions.csv` has a probability for every class.
"""

import io
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

# Class indices, and the probability of the class that was predicted; a row an image, in the test
# part's order.
ROW = np.dtype([("label", "u1"), ("prediction", "u1"), ("probability", "<f4")])


def condensed(table: bytes) -> bytes:
    """Return a run's `predictions.csv` as a .npy file with a `ROW` an image."""
    rows = pd.read_csv(io.BytesIO(table)).sort_values("index")
    found = np.empty(len(rows), ROW)
    found["label"], found["prediction"] = rows["label"], rows["prediction"]
    # What is predicted is the most probable class.
    found["probability"] = rows.filter(like="probability_").max(axis=1)
    file = io.BytesIO()
    np.save(file, found, allow_pickle=False)
    return file.getvalue()


def read_right(path: Path) -> NDArray[np.bool_]:
    """Return whether each test image was classified rightly, from a file of `condensed`."""
    rows = np.load(path, allow_pickle=False)
    right: NDArray[np.bool_] = rows["label"] == rows["prediction"]
    return right
