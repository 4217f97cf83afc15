"""Metrics: cases worked by hand, agreement with scikit-learn, and what is refused."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics as sklearn_metrics

from resnet_depth.evaluation.metrics import (
    accuracy,
    class_accuracies,
    confusion_matrix,
    expected_calibration_error,
    negative_log_likelihood,
)

label_pairs = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=60)


@given(label_pairs)
def test_accuracy_and_confusion_agree_with_scikit_learn(pairs):
    predictions, labels = np.array(pairs).T

    assert accuracy(predictions, labels) == pytest.approx(
        sklearn_metrics.accuracy_score(labels, predictions)
    )
    assert np.array_equal(
        confusion_matrix(predictions, labels, 5),
        sklearn_metrics.confusion_matrix(labels, predictions, labels=range(5)),
    )


@given(label_pairs)
def test_the_confusion_matrix_holds_the_accuracy(pairs):
    predictions, labels = np.array(pairs).T
    confusion = confusion_matrix(predictions, labels, 5)

    assert confusion.sum() == len(pairs)
    assert confusion.trace() / confusion.sum() == pytest.approx(accuracy(predictions, labels))


def test_rows_of_the_confusion_matrix_are_the_true_classes():
    # Two zeros, one of them taken for a one.
    confusion = confusion_matrix(np.array([0, 1, 1]), np.array([0, 0, 1]), 2)

    assert confusion.tolist() == [[1, 1], [0, 1]]


def test_the_confusion_matrix_counts_bytes_without_overflow():
    labels = np.full(3, 200, dtype=np.uint8)

    assert confusion_matrix(labels, labels, 201)[200, 200] == 3


def test_class_accuracies_are_none_without_images():
    assert class_accuracies(np.array([[3, 1], [0, 0]])) == [0.75, None]


def test_negative_log_likelihood_matches_a_case_worked_by_hand():
    # -(ln 0.5 + ln 0.25) / 2 = (0.6931 + 1.3863) / 2
    logs = np.log([[0.5, 0.5], [0.75, 0.25]])

    assert negative_log_likelihood(logs, np.array([0, 1])) == pytest.approx(1.0397207708)


def test_calibration_error_matches_a_case_worked_by_hand():
    # Two bins. (0, .5]: none. (.5, 1]: confidences .6 .8 1.0 (mean .8), 2 of 3 right.
    # ECE = |2/3 - 0.8| = 0.1333...
    probabilities = np.array([[0.6, 0.4], [0.2, 0.8], [1.0, 0.0]])
    labels = np.array([1, 1, 0])

    assert expected_calibration_error(probabilities, labels, bins=2) == pytest.approx(2 / 15)


def test_a_confidence_on_an_edge_belongs_to_the_bin_below():
    # Two bins. (0, .5]: .5, wrong: gap -.5. (.5, 1]: 1.0, right: gap 0. ECE = .5 / 2.
    probabilities = np.array([[0.5, 0.5], [1.0, 0.0]])

    assert expected_calibration_error(probabilities, np.array([1, 0]), bins=2) == pytest.approx(
        0.25
    )


@given(st.integers(1, 40), st.integers(2, 6), st.integers(0, 2**31))
def test_calibration_error_is_a_fraction_whatever_the_bins(count, classes, seed):
    random = np.random.default_rng(seed)
    probabilities = random.dirichlet(np.ones(classes), size=count)
    labels = random.integers(0, classes, size=count)

    for bins in (1, 7, 15):
        assert 0 <= expected_calibration_error(probabilities, labels, bins=bins) <= 1


def test_calibration_error_refuses_logits_even_when_they_sum_to_one():
    with pytest.raises(ValueError, match="were these logits"):
        expected_calibration_error(np.array([[2.0, -1.0]]), np.array([0]))


@pytest.mark.parametrize(
    "call",
    [
        lambda: accuracy(np.array([0]), np.array([0, 1])),
        lambda: accuracy(np.array([]), np.array([])),
        lambda: confusion_matrix(np.array([0]), np.array([0, 1]), 2),
        lambda: confusion_matrix(np.array([2]), np.array([0]), 2),
        lambda: confusion_matrix(np.array([-1]), np.array([0]), 2),
        lambda: negative_log_likelihood(np.zeros((2, 2)), np.array([0])),
        lambda: expected_calibration_error(np.zeros((0, 2)), np.zeros(0, int)),
    ],
)
def test_shapes_that_disagree_are_refused(call):
    with pytest.raises(ValueError, match=r"need|class indices"):
        call()
