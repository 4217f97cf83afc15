"""Differences of two studies, their intervals and what is said of them."""

import shutil
from dataclasses import replace

import numpy as np
import pytest
from given.two_studies import BEFORE, SEEDS, write_two_studies

from resnet_depth.commands.comparing import accuracy
from resnet_depth.commands.comparing.sides import open_sides
from resnet_depth.commands.publishing.study import Study
from resnet_depth.evidence.contrasts import Means, image_covariance


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    return write_two_studies(tmp_path_factory.mktemp("accuracy") / "repository")


def opened(root, tmp_path_factory, *names):
    sides = open_sides(root, names, "", tmp_path_factory.mktemp("sides"))
    return tuple(side.study for side in sides)


@pytest.fixture(scope="module")
def kept(root, tmp_path_factory):
    """Both studies with their predictions."""
    return opened(root, tmp_path_factory, "before", "workspace")


@pytest.fixture(scope="module")
def published(root, tmp_path_factory):
    """Both studies without, as early publications are."""
    folder = tmp_path_factory.mktemp("early")
    for name in ("first", "second"):
        shutil.copytree(root / "docs" / "results" / name, folder / name)
        shutil.rmtree(folder / name / "predictions")
    return tuple(Study(folder / name) for name in ("first", "second"))


def test_each_network_has_a_verdict(kept):
    rows = accuracy.test_accuracies(*kept)

    assert [row.depth for row in rows] == [18, 34, 50]
    assert [row.verdict for row in rows] == [
        "B is more accurate",
        "not told from chance",
        "the same networks",
    ]
    assert [row.difference.difference for row in rows] == pytest.approx([0.1, -0.01, 0])
    first, *_ = accuracy.test_accuracies(*reversed(kept))
    assert first.verdict == "B is less accurate"


def test_without_predictions_the_interval_is_welchs_over_seeds(published):
    rows = accuracy.test_accuracies(*published)
    before, after = (study.accuracies[34] for study in published)

    expected = Means({0: before, 1: after}).contrast({1: 1.0, 0: -1.0}, 0.95)
    found = rows[1].difference
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high))
    # Of three tests; the last one's runs are equal.
    assert found.p_value == pytest.approx(expected.p_value)
    assert found.holm_p_value == pytest.approx(expected.p_value)
    assert rows[2].difference.low is None
    assert "of these very test images" in accuracy.images_told(*published)


def test_with_predictions_images_count_as_the_same_ones_for_both(kept):
    found = accuracy.test_accuracies(*kept)[0].difference
    right = {letter: study.right(18) for letter, study in zip("AB", kept, strict=True)}
    runs = {letter: study.accuracies[18] for letter, study in zip("AB", kept, strict=True)}

    shared = Means(runs, image_covariance(right), 360).contrast({"B": 1.0, "A": -1.0}, 0.95)
    assert (found.low, found.high) == pytest.approx((shared.low, shared.high))
    assert "test images, which are the same" in accuracy.images_told(*kept)


def test_other_test_images_each_add_their_part(kept, tmp_path):
    first, second = kept
    other = replace(second)
    other.__dict__["params"] = {
        **second.params,
        "prepare": {**second.params["prepare"], "seed": 1},
    }

    found = accuracy.test_accuracies(first, other)[0].difference
    means = {letter: study.accuracy_means for letter, study in (("A", first), ("B", second))}
    runs = {letter: each.runs[18] for letter, each in means.items()}
    covariance = np.diag([each.image_covariance[0, 0] for each in means.values()])
    expected = Means(runs, covariance, 360).contrast({"B": 1.0, "A": -1.0}, 0.95)
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high))
    assert "which are others in A and B" in accuracy.images_told(first, other)
    assert accuracy.validation_accuracies(first, other) == []


def test_validation_accuracies_are_those_after_the_last_epoch(kept):
    (row, *_) = accuracy.validation_accuracies(*kept)

    last = kept[0].curve(18, 6)["validation_accuracy"]
    assert row.first.mean == pytest.approx(last.mean())
    assert row.first.n == 3


def one_seed(study):
    """The study as if it had its first seed alone."""
    single = replace(study)
    table = study.accuracy
    single.__dict__["accuracy"] = table[table["seed"] == SEEDS[0]]
    return single


def test_of_one_seed_nothing_is_said_but_image_by_image(kept):
    first, second = map(one_seed, kept)

    row, *_ = accuracy.test_accuracies(first, second)
    (pairing,) = accuracy.pairings(first, second, 18)

    assert row.verdict == "one seed tells no spread"
    assert row.difference.low is None
    assert pairing.seed == 0
    difference = pairing.only_second - pairing.only_first
    assert difference == pytest.approx(360 * (0.90 - BEFORE[18, 0]), abs=1)
    assert pairing.p_value < 0.001


def test_without_predictions_no_images_are_paired(published):
    assert accuracy.pairings(*published, 18) == []


def test_images_of_an_unpinned_dataset_may_be_others(kept):
    first, second = kept
    unpinned = replace(second)
    datasets = {"digits": {**second.params["datasets"]["digits"], "digest": None}}
    unpinned.__dict__["params"] = {**second.params, "datasets": datasets}

    assert accuracy.same_images(first, second)
    assert not accuracy.same_images(first, unpinned)
    assert not accuracy.same_images(unpinned, unpinned)
