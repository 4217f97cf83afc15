"""What random changes do to pixels and labels, and what their draws depend on."""

import numpy as np
import pytest
import torch

from resnet_depth.networks.prediction import Images
from resnet_depth.training.augmentation import (
    Augmentation,
    Mixing,
    crops_by_pixel,
    crops_by_window,
    squares,
)
from resnet_depth.training.settings import RecipeSettings

CPU = torch.device("cpu")
COUNT, SIDE = 60, 9
EVERYTHING = torch.arange(COUNT)
# Of the channels: no pixel of an image has it.
MEAN = (250 / 255, 251.4 / 255, 251.6 / 255)

# RecipeSettings has no defaults; what concerns this module is all that is set.
OFF = {"flip": "none", "crop_padding": 0, "crop_fill": "reflect", "cutout": 0}
OFF |= {"mixup": 0.0, "cutmix": 0.0, "image_size": SIDE}
KINDS = [
    {"flip": "random"},
    {"flip": "alternating"},
    {"crop_padding": 2},
    {"crop_padding": 2, "crop_fill": "zero"},
    {"cutout": 3},
    {"flip": "random", "crop_padding": 2, "cutout": 3},
]
MIXTURES = [{"mixup": 0.5}, {"cutmix": 1.0}]


def recipe(**changes):
    return RecipeSettings.model_construct(**OFF | changes)


@pytest.fixture
def images():
    # Every pixel of an image differs, none is 0, which is black, and images differ by one number.
    image = np.arange(1, 3 * SIDE**2 + 1).reshape(SIDE, SIDE, 3)
    pixels = (image + np.arange(COUNT)[:, None, None, None]) % 249 + 1
    return Images(pixels.astype(np.uint8), MEAN, (0.2,) * 3, CPU)


def changed(images, indices=EVERYTHING, seed=0, epoch=0, **changes):
    augmentation = Augmentation(recipe(**changes), seed, images)
    augmentation.begin(epoch)
    return augmentation.batch(indices)


def mirrored(images, batch):
    """Which images of a batch of all are mirrored; none may be anything but that or the same."""
    own = images.select(EVERYTHING)
    same, flipped = ((batch == each).flatten(1).all(1) for each in (own, own.flip(-1)))
    assert (same ^ flipped).all()
    return flipped


def test_with_everything_off_a_batch_is_the_images_themselves_and_nothing_is_drawn(
    images, monkeypatch
):
    monkeypatch.setattr("resnet_depth.training.augmentation.epoch_generator", None)
    indices = torch.tensor([5, 3, 3])

    assert torch.equal(changed(images, indices), images.select(indices))


def test_random_flips_mirror_some_images_whole_and_others_in_the_next_epoch(images):
    first, second = (
        mirrored(images, changed(images, flip="random", epoch=epoch)) for epoch in (0, 1)
    )

    # Outside of it with a probability of 1e-4 a seed.
    assert 15 <= first.sum() <= 45
    assert 15 <= (first ^ second).sum() <= 45


def test_alternating_flips_mirror_each_image_in_every_other_epoch(images):
    epochs = [
        mirrored(images, changed(images, flip="alternating", epoch=epoch)) for epoch in range(4)
    ]

    assert 15 <= epochs[0].sum() <= 45
    assert torch.equal(epochs[1], ~epochs[0])
    assert torch.equal(epochs[2], epochs[0])
    assert torch.equal(epochs[3], epochs[1])


@pytest.mark.parametrize(("fill", "mode"), [("reflect", "reflect"), ("zero", "constant")])
def test_a_crop_is_a_window_of_the_padded_image(images, fill, mode):
    padding = 2
    cropped = changed(images, crop_padding=padding, crop_fill=fill)
    padded = torch.nn.functional.pad(
        images.select(EVERYTHING).float(), (padding,) * 4, mode=mode
    ).byte()

    places = [
        {
            (row, column)
            for row in range(2 * padding + 1)
            for column in range(2 * padding + 1)
            if torch.equal(crop, image[:, row : row + SIDE, column : column + SIDE])
        }
        for crop, image in zip(cropped, padded, strict=True)
    ]

    assert {len(found) for found in places} == {1}
    assert len(set.union(*places)) > 15  # of 25 places, 60 draws


def test_a_padding_wider_than_the_image_mirrors_on_and_on(images):
    cropped = changed(images, crop_padding=20, crop_fill="reflect")

    assert (cropped > 0).all()


def test_a_cutout_is_a_square_of_the_mean_colour_cut_off_at_the_borders(images):
    own, found = images.select(EVERYTHING), changed(images, cutout=4)

    cut = (found != own).all(1)
    heights, widths = cut.any(2).sum(1), cut.any(1).sum(1)
    # Rounded, so that network input is nearly 0 there.
    assert images.mean_colour.tolist() == [250, 251, 252]
    assert (found.permute(0, 2, 3, 1)[cut] == images.mean_colour).all()
    assert torch.equal(found[~cut[:, None].expand_as(found)], own[~cut[:, None].expand_as(own)])
    # A full rectangle around a pixel of the image: 4 pixels wide, or no less than 2 at a border.
    assert torch.equal(cut.sum((1, 2)), heights * widths)
    assert {2, 3, 4} == set(heights.tolist()) == set(widths.tolist())


def test_the_order_is_crop_flip_cutout(images):
    kinds = {"crop_padding": 2, "flip": "random", "cutout": 3}
    found = changed(images, **kinds)

    cropped = changed(images, crop_padding=2)
    flipped = mirrored(images, changed(images, flip="random"))
    cut = (changed(images, cutout=3) != images.select(EVERYTHING)).all(1)
    expected = torch.where(flipped[:, None, None, None], cropped.flip(-1), cropped)
    colour = images.mean_colour[None, :, None, None]
    # Each alone draws what it draws among others.
    assert torch.equal(found, torch.where(cut[:, None], colour, expected))


@pytest.mark.parametrize("flipped", [None, torch.arange(COUNT) % 3 == 0])
@pytest.mark.parametrize("corners", [None, torch.arange(2 * COUNT).view(2, COUNT) % 4])
def test_both_ways_to_crop_give_the_same(images, corners, flipped):
    size = (SIDE - 3, SIDE - 4)
    indices = EVERYTHING.flip(0)
    window, pixel = (
        way(images.pixels, size, indices, corners, flipped)
        for way in (crops_by_window, crops_by_pixel)
    )

    assert torch.equal(window, pixel)
    assert window.shape == (COUNT, *size, 3)
    top, left = (0, 0) if corners is None else corners[:, 7].tolist()
    image = images.pixels[indices[7], top : top + size[0], left : left + size[1]]
    assert torch.equal(window[7], image)


def test_elsewhere_than_on_the_cpu_batches_are_the_same(images, monkeypatch):
    kinds = {"crop_padding": 2, "flip": "random"}
    expected = changed(images, **kinds)

    monkeypatch.setattr("resnet_depth.training.augmentation.crops_by_window", crops_by_pixel)

    assert torch.equal(changed(images, **kinds), expected)


@pytest.mark.parametrize("kinds", KINDS)
def test_what_happens_to_an_image_does_not_depend_on_the_rest_of_its_batch(images, kinds):
    indices = torch.tensor([50, 3, 17])

    assert torch.equal(changed(images, indices, **kinds), changed(images, **kinds)[indices])


@pytest.mark.parametrize("kinds", KINDS)
def test_an_epoch_is_the_same_whatever_came_before_and_differs_by_seed(images, kinds):
    augmentation = Augmentation(recipe(**kinds), 0, images)
    for epoch in (0, 1, 2):
        augmentation.begin(epoch)
        augmentation.batch(EVERYTHING)

    assert torch.equal(augmentation.batch(EVERYTHING), changed(images, epoch=2, **kinds))
    assert not torch.equal(augmentation.batch(EVERYTHING), changed(images, epoch=1, **kinds))
    assert not torch.equal(
        augmentation.batch(EVERYTHING), changed(images, epoch=2, seed=1, **kinds)
    )


@pytest.mark.parametrize("kinds", [{}, *KINDS])
def test_changed_images_are_bytes_in_memory_with_channels_last_and_not_the_images_own(
    images, kinds
):
    before = images.pixels.clone()
    batch = changed(images, **kinds)
    batch += 1

    assert (batch.shape, batch.dtype) == ((COUNT, 3, SIDE, SIDE), torch.uint8)
    assert batch.is_contiguous(memory_format=torch.channels_last)
    assert torch.equal(images.pixels, before)


def test_a_square_lies_around_its_centre_and_is_cut_off_at_the_border():
    centres, sides = torch.tensor([[0, 3, 2], [4, 1, 2]]), torch.tensor([3, 2, 0])

    square = squares(centres, sides, (4, 5))
    found = square[..., 0].tolist()

    # Around (0, 4), 3 pixels a side; with (3, 1) right and below of the middle, 2 a side; none.
    assert found[0] == [[0, 0, 0, 1, 1], [0, 0, 0, 1, 1], [0] * 5, [0] * 5]
    assert found[1] == [[0] * 5, [0] * 5, [1, 1, 0, 0, 0], [1, 1, 0, 0, 0]]
    assert found[2] == [[0] * 5] * 4
    # For each channel the same.
    assert torch.equal(square, square[..., :1].expand(3, 4, 5, 3))


def mixed(images, indices=EVERYTHING, seed=0, epoch=0, **changes):
    mixing = Mixing(recipe(**changes), seed, COUNT, CPU)
    mixing.begin(epoch)
    return mixing.mix(images.normalize(images.select(indices)), indices)


def test_a_recipe_without_mixtures_mixes_nothing_and_draws_nothing(images, monkeypatch):
    monkeypatch.setattr("resnet_depth.training.augmentation.epoch_generator", None)

    assert mixed(images) is None


@pytest.mark.parametrize("kind", MIXTURES)
def test_each_image_of_a_batch_is_mixed_with_another_one_and_is_the_other_of_one(images, kind):
    partner = mixed(images, **kind).partner

    assert sorted(partner.tolist()) == list(range(COUNT))
    assert (partner != torch.arange(COUNT)).all()


def test_a_mixup_is_the_mean_of_two_images_weighted_by_the_share_of_their_labels(images):
    own = images.normalize(images.select(EVERYTHING))
    found, partner, share = mixed(images, mixup=0.5)

    weight = share[:, None, None, None]
    torch.testing.assert_close(found, weight * own + (1 - weight) * own[partner])
    assert share.shape == (COUNT,)
    assert share.dtype == torch.float32
    assert share.unique().numel() == COUNT
    # Beta(0.5, 0.5) is U-shaped: a third of it lies within 0.067 of 0 or 1 each.
    assert share.min() < 0.1
    assert share.max() > 0.9


def test_a_large_parameter_of_mixup_gives_shares_near_one_half(images):
    share = mixed(images, mixup=100.0).share

    # Its standard deviation is 0.035.
    assert (share - 0.5).abs().max() < 0.18


def test_a_cutmix_has_a_square_of_the_other_image_and_the_share_counts_the_pixels_left(images):
    own = images.normalize(images.select(EVERYTHING))
    found, partner, share = mixed(images, cutmix=1.0)

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
    share = mixed(images, cutmix=100.0).share

    most = 1 - share.min()
    assert most in (36 / 81, 49 / 81)
    assert share.max() <= 1 - 9 / 81


@pytest.mark.parametrize("kind", MIXTURES)
def test_the_share_of_an_image_depends_on_seed_and_epoch_but_not_on_its_batch(images, kind):
    indices = torch.tensor([50, 3, 17])
    first, again, part, later, other = (
        mixed(images, at, seed, epoch, **kind).share
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
    found = mixed(images, **kind).images

    assert found.is_contiguous(memory_format=torch.channels_last)
