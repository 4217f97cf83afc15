"""What one network said of every test image, as `evaluate` left it."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from resnet_depth.base.errors import UserError
from resnet_depth.evidence.reading import read_table
from resnet_depth.runs.records import damaged


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

    def confusion(self, classes: int) -> NDArray[np.int64]:
        """Return how often each class (row) was taken for each (column)."""
        counts = np.bincount(self.labels * classes + self.predicted, minlength=classes**2)
        return counts.reshape(classes, classes)

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
    probabilities = table[names].to_numpy(dtype=np.float32)
    if table["index"].tolist() != list(range(images)):
        raise damaged(path, target, f"its images aren't those from 0 to {images - 1}")
    if not np.allclose(probabilities.sum(axis=1), 1, atol=1e-4):
        raise damaged(path, target, "an image's probabilities don't add up to 1")
    if not np.array_equal(probabilities[np.arange(images), predicted], probabilities.max(axis=1)):
        raise damaged(path, target, "a prediction isn't the most probable class")
    return Predictions(labels, predicted, probabilities)
