"""What random changes do to pixels, and what their draws depend on."""

import pytest
import torch
from given.distinct_images import COUNT, EVERYTHING, SIDE, augmenting, distinct_images

from resnet_depth.training.augmentation.augmentation import Augmentation
from resnet_depth.training.augmentation.crops import crops_by_pixel
from resnet_depth.training.augmentation.trivial_augment import CHANGES, trivial_augment
from resnet_depth.training.seeding import Stream, epoch_generator

KINDS = [
    {"flip": "random"},
    {"flip": "alternating"},
    {"crop_padding": 2},
    {"crop_padding": 2, "crop_fill": "zero"},
    {"trivial_augment": True},
    {"cutout": 3},
    {"flip": "random", "crop_padding": 2, "cutout": 3},
]


@pytest.fixture
def images():
    return distinct_images()


def changed(images, indices=EVERYTHING, seed=0, epoch=0, **changes):
    augmentation = Augmentation(augmenting(**changes), seed, images)
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
    monkeypatch.setattr("resnet_depth.training.augmentation.augmentation.epoch_generator", None)
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


def test_trivial_augment_changes_each_image_in_a_way_of_its_own(images):
    own, found = images.select(EVERYTHING), changed(images, trivial_augment=True)

    chosen = epoch_generator(0, Stream.TRIVIAL_AUGMENT, 0).integers(0, len(CHANGES), COUNT)
    expected = trivial_augment(own.permute(0, 2, 3, 1).numpy(), chosen)
    assert (found.permute(0, 2, 3, 1).numpy() == expected).all()
    # One in 14 is chosen to stay, and some changes of no strength or effect.
    assert (found != own).flatten(1).any(1).sum() > 40


def test_the_order_is_crop_flip_trivial_augment_cutout(images):
    kinds = {"crop_padding": 2, "flip": "random", "trivial_augment": True, "cutout": 3}
    found = changed(images, **kinds)

    cropped = changed(images, crop_padding=2)
    flipped = mirrored(images, changed(images, flip="random"))
    cut = (changed(images, cutout=3) != images.select(EVERYTHING)).all(1)
    flips = torch.where(flipped[:, None, None, None], cropped.flip(-1), cropped)
    chosen = epoch_generator(0, Stream.TRIVIAL_AUGMENT, 0).integers(0, len(CHANGES), COUNT)
    augmented = trivial_augment(flips.permute(0, 2, 3, 1).contiguous().numpy(), chosen)
    expected = torch.from_numpy(augmented).permute(0, 3, 1, 2)
    colour = images.mean_colour[None, :, None, None]
    # Each alone draws what it draws among others.
    assert torch.equal(found, torch.where(cut[:, None], colour, expected))


def test_elsewhere_than_on_the_cpu_batches_are_the_same(images, monkeypatch):
    kinds = {"crop_padding": 2, "flip": "random"}
    expected = changed(images, **kinds)

    monkeypatch.setattr(
        "resnet_depth.training.augmentation.augmentation.crops_by_window", crops_by_pixel
    )

    assert torch.equal(changed(images, **kinds), expected)


@pytest.mark.parametrize("kinds", KINDS)
def test_what_happens_to_an_image_does_not_depend_on_the_rest_of_its_batch(images, kinds):
    indices = torch.tensor([50, 3, 17])

    assert torch.equal(changed(images, indices, **kinds), changed(images, **kinds)[indices])


@pytest.mark.parametrize("kinds", KINDS)
def test_an_epoch_is_the_same_whatever_came_before_and_differs_by_seed(images, kinds):
    augmentation = Augmentation(augmenting(**kinds), 0, images)
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
