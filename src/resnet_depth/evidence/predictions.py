"""What one network said of every test image, as `evaluate` left it."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from resnet_depth.base.errors import UserError
from resnet_depth.evidence.reading import read_table


@dataclass(frozen=True)
class Predictions:
    """The test of one network, a row an image, in the order of the test part.

    `labels` and `predicted` are class indices, shape (n,); `probabilities` are softmax outputs,
    float32 of shape (n, classes).
    """

    labels: NDArray[np.int64]
    predicted: NDArray[np.int64]
    probabilities: NDArray[np.float32]

    @property
    def right(self) -> NDArray[np.bool_]:
        """Which images were classified correctly, shape (n,)."""
        return np.equal(self.predicted, self.labels)

    @property
    def certainty(self) -> NDArray[np.float64]:
        """The probability given to the class that was predicted, shape (n,)."""
        rows = np.arange(len(self.labels))
        return self.probabilities[rows, self.predicted].astype(np.float64)


def read_predictions(path: Path, classes: int, images: int, target: str) -> Predictions:
    """Read the predictions of one run, as `evaluate` writes them, of a dataset of that size.

    Raises:
        UserError: If the file is missing or damaged, or of another number of images or classes.
    """
    names = [f"probability_{k}" for k in range(classes)]
    columns = ["index", "label", "prediction", *names]
    table = read_table(path, columns, target).sort_values("index")
    labels, predicted = (table[name].to_numpy(dtype=np.int64) for name in ("label", "prediction"))
    both = np.concatenate([labels, predicted])
    if len(labels) != images or both.min() < 0 or both.max() >= classes:
        raise UserError(
            f"{path}: predictions of {len(labels)} images; the dataset has {images} in {classes} "
            f"classes; repeat 'dvc repro {target}'"
        )
    # The file holds float32 in the fewest digits that give it back.
    return Predictions(labels, predicted, table[names].to_numpy(dtype=np.float32))
