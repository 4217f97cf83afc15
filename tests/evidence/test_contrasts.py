"""Comparisons of depths over seeds and test images: by hand, and how often they are right."""

import numpy as np
import pytest
from given.interval_coverage import KINDS, MEANS, coverage, mean_coverage
from given.simulated_study import published
from scipy import stats

from resnet_depth.evidence.contrasts import Means, image_covariance


def test_without_images_a_contrast_is_welchs_test():
    runs = {18: [0.70, 0.72, 0.71], 34: [0.75, 0.73]}
    expected = stats.ttest_ind(runs[34], runs[18], equal_var=False)

    found = Means(runs).contrast({34: 1.0, 18: -1.0}, 0.95)

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
    means = Means({18: [0.75, 0.5], 34: [0.75, 0.76]}, matrix, 4)
    weights = {34: 1.0, 18: -1.0}
    seeds = 0.03125 / 2 + 0.00005 / 2
    image = matrix[0, 0] + matrix[1, 1] - 2 * matrix[0, 1]
    assert sum(part.variance for part in means.parts(weights)) == pytest.approx(seeds + image)


def test_images_that_are_hard_for_all_depths_cancel_in_a_difference():
    hard = np.arange(400) % 4 == 0
    correct = {depth: np.stack([~hard, ~hard]) for depth in (18, 34)}
    means = Means({18: [0.75, 0.76], 34: [0.75, 0.76]}, image_covariance(correct), 400)

    alone = sum(part.variance for part in means.parts({18: 1.0}))
    apart = sum(part.variance for part in means.parts({34: 1.0, 18: -1.0}))

    assert alone == pytest.approx(0.00005 / 2 + 0.75 * 0.25 / 399)
    assert apart == pytest.approx(2 * 0.00005 / 2)


@pytest.mark.parametrize("runs", [{18: [0.7], 34: [0.7, 0.8]}, {18: [0.7] * 3, 34: [0.8] * 3}])
def test_no_spread_between_seeds_means_no_interval(runs):
    means = Means(runs, np.eye(2), 100)

    assert means.contrast({34: 1.0, 18: -1.0}, 0.95) is None
    assert means.value({34: 1.0, 18: -1.0}) == pytest.approx(0.05 if len(runs[18]) == 1 else 0.1)


def test_more_seeds_cannot_settle_what_the_images_leave_open():
    runs = {18: [0.70, 0.72], 34: [0.71, 0.74]}
    weights = {34: 1.0, 18: -1.0}

    assert Means(runs).runs_needed(weights, 0.95, 0.8) > 2
    assert Means(runs, np.eye(2), 100).runs_needed(weights, 0.95, 0.8) is None


def test_images_of_different_number_are_refused():
    with pytest.raises(ValueError, match="same images"):
        image_covariance({18: np.ones((2, 5), bool), 34: np.ones((2, 6), bool)})


# 300 studies have a standard error of 1.3 points; `tests/given/interval_coverage.py` does the whole
# grid with more.
@pytest.mark.parametrize(
    ("kind", "images"),
    [
        ("normal, 1 and 1", 360),
        ("normal, 1 and 1", 10_000),
        ("normal, 0.5 and 1", 10_000),
        ("normal, 1 and 8", 10_000),
    ],
)
def test_intervals_of_normal_seeds_hold_the_truth_as_often_as_they_say(kind, images):
    found = coverage(KINDS[kind], images, runs=3, studies=300, seed=0)

    assert 0.92 <= found.ours <= 0.98
    assert found.bootstrap < 0.88


def test_intervals_hold_a_little_less_often_where_seeds_have_a_left_tail():
    kind = KINDS["normal 1, left tail 3"]

    assert 0.87 <= coverage(kind, 10_000, runs=3, studies=300, seed=0).ours <= 0.94
    assert 0.84 <= mean_coverage(MEANS["left tail, 3"], 3, studies=300, seed=0) <= 0.91


def test_intervals_often_miss_the_truth_where_one_run_in_four_collapsed():
    kind = KINDS["normal 1, one in four collapsed"]

    assert 0.55 <= coverage(kind, 10_000, runs=3, studies=300, seed=0).ours <= 0.75
    assert 0.5 <= mean_coverage(MEANS["one in four collapsed"], 3, 300, seed=0) <= 0.7


def test_intervals_of_the_published_runs_resampled_hold_less_often_the_fewer_they_are():
    kind = KINDS["published ResNet-34 and 50"]
    of_three, of_five = (coverage(kind, 10_000, n, studies=300, seed=0).ours for n in (3, 5))

    assert of_three < 0.85 < of_five


def test_the_published_runs_are_seven_a_depth_of_which_three_of_resnet_50_collapsed():
    assert [len(published(depth)) for depth in (18, 34, 50)] == [7, 7, 7]
    assert sum(published(50) < 0.5) == 3


@pytest.mark.parametrize(("first", "second"), [(18, 34), (18, 50), (34, 50)])
def test_accuracies_of_one_seed_show_no_link_between_depths_in_the_published_runs(first, second):
    assert stats.pearsonr(published(first), published(second)).pvalue > 0.4
