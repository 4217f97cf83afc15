"""What mixtures are made of, and the shares of their labels."""

import pytest
import torch
from given.distinct_images import COUNT, EVERYTHING, SIDE, augmenting, distinct_images

from resnet_depth.training.augmentation.mixing import Mixing

MIXTURES = [{"mixup": 0.5}, {"cutmix": 1.0}]


@pytest.fixture
def images():
    return distinct_images()


def mixed(images, indices=EVERYTHING, seed=0, epoch=0, **changes):
    mixing = Mixing(augmenting(**changes), seed, COUNT, torch.device("cpu"))
    mixing.begin(epoch)
    # An image's label is its place in the batch, hence the other label its partner's.
    places = torch.arange(len(indices))
    return mixing.mix(images.normalize(images.select(indices)), places, indices)


def test_a_recipe_without_mixtures_mixes_nothing_and_draws_nothing(images, monkeypatch):
    monkeypatch.setattr("resnet_depth.training.augmentation.mixing.epoch_generator", None)

    batch, mixture = mixed(images)

    assert torch.equal(batch, images.normalize(images.select(EVERYTHING)))
    assert mixture is None


@pytest.mark.parametrize("kind", MIXTURES)
def test_each_image_of_a_batch_is_mixed_with_another_one_and_is_the_other_of_one(images, kind):
    _, (partner, _) = mixed(images, **kind)

    assert sorted(partner.tolist()) == list(range(COUNT))
    assert (partner != torch.arange(COUNT)).all()


def test_a_mixup_is_the_mean_of_two_images_weighted_by_the_share_of_their_labels(images):
    own = images.normalize(images.select(EVERYTHING))
    found, (partner, share) = mixed(images, mixup=0.5)

    weight = share[:, None, None, None]
    torch.testing.assert_close(found, weight * own + (1 - weight) * own[partner])
    assert share.shape == (COUNT,)
    assert share.dtype == torch.float32
    assert share.unique().numel() == COUNT
    # Beta(0.5, 0.5) is U-shaped: a third of it lies within 0.067 of 0 or 1 each.
    assert share.min() < 0.1
    assert share.max() > 0.9


def test_a_large_parameter_of_mixup_gives_shares_near_one_half(images):
    _, (_, share) = mixed(images, mixup=100.0)

    # Its standard deviation is 0.035.
    assert (share - 0.5).abs().max() < 0.18


def test_a_cutmix_has_a_square_of_the_other_image_and_the_share_counts_the_pixels_left(images):
    own = images.normalize(images.select(EVERYTHING))
    found, (partner, share) = mixed(images, cutmix=1.0)

    # Each image differs from its partner in every pixel.
    kept, taken = ((found == each).all(1) for each in (own, own[partner]))
    assert (kept ^ taken).all()
    assert torch.equal(share, kept.sum((1, 2)) / SIDE**2)
    heights, widths = taken.any(2).sum(1), taken.any(1).sum(1)
    assert torch.equal(taken.sum((1, 2)), heights * widths)
    assert share.min() < 0.4
    assert share.max() > 0.9


def test_the_area_of_a_cutmix_that_is_not_cut_off_is_that_of_its_draw(images):
    # Beta(100, 100) is nearly always about one half: √½ · 9 = 6.4 pixels a side, 5.8 to 6.9.
    _, (_, share) = mixed(images, cutmix=100.0)

    most = 1 - share.min()
    assert most in (36 / 81, 49 / 81)
    assert share.max() <= 1 - 9 / 81


@pytest.mark.parametrize("kind", MIXTURES)
def test_the_share_of_an_image_depends_on_seed_and_epoch_but_not_on_its_batch(images, kind):
    indices = torch.tensor([50, 3, 17])
    first, again, part, later, other = (
        mixed(images, at, seed, epoch, **kind)[1].share
        for at, seed, epoch in [
            (EVERYTHING, 0, 0),
            (EVERYTHING, 0, 0),
            (indices, 0, 0),
            (EVERYTHING, 0, 1),
            (EVERYTHING, 1, 0),
        ]
    )

    assert torch.equal(first, again)
    assert torch.equal(part, first[indices])
    assert not torch.equal(first, later)
    assert not torch.equal(first, other)


@pytest.mark.parametrize("kind", MIXTURES)
def test_a_mixed_batch_is_in_memory_with_channels_last(images, kind):
    found, _ = mixed(images, **kind)

    assert found.is_contiguous(memory_format=torch.channels_last)
