"""A share of the training images: of every class, drawn from the run's seed."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from resnet_depth.data.prepared import Part
from resnet_depth.training.share import share_of

# 100 images of class 0, 50 of class 1 and 3 of class 2, each known by its only colour.
LABELS = np.repeat(np.array([0, 1, 2], np.uint8), [100, 50, 3])
WHOLE = Part(np.arange(153, dtype=np.uint8).reshape(-1, 1, 1, 1).repeat(3, 3), LABELS)


def places(part):
    return part.images[:, 0, 0, 0].tolist()


@pytest.mark.parametrize(
    ("fraction", "counts"), [(0.5, [50, 25, 2]), (0.1, [10, 5, 1]), (0.01, [1, 1, 1])]
)
def test_each_class_gives_its_fraction_and_an_image_at_least(fraction, counts):
    part = share_of(WHOLE, fraction, seed=0)

    assert np.bincount(part.labels).tolist() == counts


@given(st.floats(0.01, 1), st.floats(0.01, 1), st.integers(0, 2**32 - 1))
def test_a_smaller_share_is_part_of_a_larger_one_and_labels_stay_with_images(one, other, seed):
    small, large = (share_of(WHOLE, fraction, seed) for fraction in sorted((one, other)))

    assert set(places(small)) <= set(places(large))
    assert places(small) == sorted(set(places(small)))
    assert small.labels.tolist() == LABELS[places(small)].tolist()


def test_seeds_draw_apart():
    assert places(share_of(WHOLE, 0.1, seed=0)) == places(share_of(WHOLE, 0.1, seed=0))
    assert places(share_of(WHOLE, 0.1, seed=0)) != places(share_of(WHOLE, 0.1, seed=1))


def test_the_whole_is_the_part_itself():
    assert share_of(WHOLE, 1, seed=0) is WHOLE
