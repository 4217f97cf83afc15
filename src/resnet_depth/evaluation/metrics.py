"""How good predictions are: accuracy, loss, confusion and calibration, from arrays alone."""

import numpy as np
from numpy.typing import NDArray


def accuracy(predictions: NDArray[np.integer], labels: NDArray[np.integer]) -> float:
    """Return the fraction of predictions that are right (top-1 accuracy), in [0, 1].

    Both arguments are class indices, shape (n,).

    Raises:
        ValueError: If shapes disagree or there are no rows.
    """
    if predictions.ndim != 1 or predictions.shape != labels.shape or not labels.size:
        raise ValueError(f"need (n,) and (n,) with n ≥ 1, got {predictions.shape}, {labels.shape}")
    return float(np.mean(predictions == labels))


def confusion_matrix(
    predictions: NDArray[np.integer], labels: NDArray[np.integer], classes: int
) -> NDArray[np.int64]:
    """Return how many images of each true class (row) were predicted as each class (column).

    Args:
        predictions: Predicted class indices, shape (n,), in [0, classes).
        labels: True class indices, shape (n,), in [0, classes).
        classes: The number of classes.

    Returns:
        Counts, shape (classes, classes); they sum to n.

    Raises:
        ValueError: If shapes disagree or an index is out of range.
    """
    if predictions.ndim != 1 or predictions.shape != labels.shape:
        raise ValueError(f"need (n,) and (n,), got {predictions.shape}, {labels.shape}")
    both = np.concatenate([predictions, labels]).astype(np.int64)
    if both.size and (both.min() < 0 or both.max() >= classes):
        raise ValueError(f"class indices must lie in [0, {classes})")
    cells = labels.astype(np.int64) * classes + predictions
    return np.bincount(cells, minlength=classes * classes).reshape(classes, classes)


def class_accuracies(confusion: NDArray[np.integer]) -> list[float | None]:
    """Return each true class's fraction of right predictions; None for a class without images."""
    totals = confusion.sum(axis=1)
    right = confusion.diagonal()
    return [float(k / n) if n else None for k, n in zip(right, totals, strict=True)]


def negative_log_likelihood(
    log_probabilities: NDArray[np.floating], labels: NDArray[np.integer]
) -> float:
    """Return the mean cross-entropy of the true classes, in nats; 0 is perfect.

    Args:
        log_probabilities: Natural logarithms of probabilities, shape (n, classes).
        labels: True class indices, shape (n,), in [0, classes).

    Raises:
        ValueError: If shapes disagree or there are no rows.
    """
    _check_rows(log_probabilities, labels)
    return float(-np.mean(log_probabilities[np.arange(labels.size), labels]))


def expected_calibration_error(
    probabilities: NDArray[np.floating], labels: NDArray[np.integer], *, bins: int = 15
) -> float:
    """Return the gap between confidence and accuracy, averaged over confidence bins.

    Bins are of equal width and closed on the right, as in Guo et al.,
    "On Calibration of Modern Neural Networks" (2017), arXiv:1706.04599.

    Args:
        probabilities: Softmax outputs, shape (n, classes); each row sums to 1.
        labels: True class indices, shape (n,), in [0, classes).
        bins: How many bins divide (0, 1].

    Returns:
        A fraction in [0, 1] (not a percentage); 0 is perfectly calibrated.

    Raises:
        ValueError: If shapes disagree, there are no rows, or a row is not a distribution.
    """
    _check_rows(probabilities, labels)
    if probabilities.min() < 0 or not np.allclose(probabilities.sum(axis=1), 1.0, atol=1e-4):
        raise ValueError("rows must be non-negative and sum to 1; were these logits?")

    confidence = probabilities.max(axis=1).astype(np.float64)
    correct = probabilities.argmax(axis=1) == labels
    # right=True puts confidence 0.2 in (0.1, 0.2], so that 1.0 needs no bin of its own.
    bin_of = np.digitize(confidence, np.linspace(0.0, 1.0, bins + 1)[1:-1], right=True)
    gap_sums = np.bincount(bin_of, weights=correct - confidence, minlength=bins)
    return float(np.abs(gap_sums).sum() / labels.size)


def _check_rows(scores: NDArray[np.floating], labels: NDArray[np.integer]) -> None:
    """Refuse scores that aren't one row a label."""
    if scores.ndim != 2 or labels.shape != scores.shape[:1] or not labels.size:
        raise ValueError(f"need (n, classes) and (n,), got {scores.shape}, {labels.shape}")
