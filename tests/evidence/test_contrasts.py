"""Comparisons of depths over seeds and test images: by hand, and how often they are right."""

import numpy as np
import pytest
from given.interval_coverage import coverage
from scipy import stats

from resnet_depth.evidence.contrasts import DepthMeans, image_covariance


def test_without_images_a_contrast_is_welchs_test():
    runs = {18: [0.70, 0.72, 0.71], 34: [0.75, 0.73]}
    expected = stats.ttest_ind(runs[34], runs[18], equal_var=False)

    found = DepthMeans(runs).contrast({34: 1.0, 18: -1.0}, 0.95)

    assert found.p_value == pytest.approx(expected.pvalue)
    assert found.low == pytest.approx(expected.confidence_interval(0.95).low)


def test_the_images_part_matches_a_case_worked_by_hand():
    # Four images, two runs each. Means of depth 18: 1 1 0 0.5; of depth 34: 1 1 1 0.
    # Sample variances 0.2291667 and 0.25, covariance 0.0416667; divided by 4 images. The one
    # image on which two runs differ has variance 0.5: 0.5 / 4 images / 2 runs = 0.0625, and
    # that divided by 4 images is taken off.
    correct = {
        18: np.array([[1, 1, 0, 1], [1, 1, 0, 0]], bool),
        34: np.array([[1, 1, 1, 0], [1, 1, 1, 0]], bool),
    }

    matrix = image_covariance(correct)

    assert matrix == pytest.approx(
        np.array([[(0.2291667 - 0.0625) / 4, 0.0416667 / 4], [0.0416667 / 4, 0.25 / 4]]),
        abs=1e-7,
    )
    means = DepthMeans({18: [0.75, 0.5], 34: [0.75, 0.76]}, matrix, 4)
    weights = {34: 1.0, 18: -1.0}
    seeds = 0.03125 / 2 + 0.00005 / 2
    image = matrix[0, 0] + matrix[1, 1] - 2 * matrix[0, 1]
    assert sum(part.variance for part in means.parts(weights)) == pytest.approx(seeds + image)


def test_images_that_are_hard_for_all_depths_cancel_in_a_difference():
    hard = np.arange(400) % 4 == 0
    correct = {depth: np.stack([~hard, ~hard]) for depth in (18, 34)}
    means = DepthMeans({18: [0.75, 0.76], 34: [0.75, 0.76]}, image_covariance(correct), 400)

    alone = sum(part.variance for part in means.parts({18: 1.0}))
    apart = sum(part.variance for part in means.parts({34: 1.0, 18: -1.0}))

    assert alone == pytest.approx(0.00005 / 2 + 0.75 * 0.25 / 399)
    assert apart == pytest.approx(2 * 0.00005 / 2)


@pytest.mark.parametrize("runs", [{18: [0.7], 34: [0.7, 0.8]}, {18: [0.7] * 3, 34: [0.8] * 3}])
def test_no_spread_between_seeds_means_no_interval(runs):
    means = DepthMeans(runs, np.eye(2), 100)

    assert means.contrast({34: 1.0, 18: -1.0}, 0.95) is None
    assert means.value({34: 1.0, 18: -1.0}) == pytest.approx(0.05 if len(runs[18]) == 1 else 0.1)


def test_more_seeds_cannot_settle_what_the_images_leave_open():
    runs = {18: [0.70, 0.72], 34: [0.71, 0.74]}
    weights = {34: 1.0, 18: -1.0}

    assert DepthMeans(runs).runs_needed(weights, 0.95, 0.8) > 2
    assert DepthMeans(runs, np.eye(2), 100).runs_needed(weights, 0.95, 0.8) is None


def test_images_of_different_number_are_refused():
    with pytest.raises(ValueError, match="same images"):
        image_covariance({18: np.ones((2, 5), bool), 34: np.ones((2, 6), bool)})


def test_intervals_hold_the_truth_as_often_as_they_say():
    # Three seeds, 360 images: what the digits study has. 600 studies have a standard error of
    # 0.9 points; `tests/interval_coverage.py` does the whole grid with more.
    found = coverage(images=360, runs=3, spread=0.01, studies=600, seed=0)

    assert 0.93 <= found.contrast <= 0.99
    assert found.bootstrap < 0.90
