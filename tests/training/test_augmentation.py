"""Random flips and crops: what they do to pixels, and that draws come from the stream given."""

import pytest
import torch

from resnet_depth.training.augmentation import augment
from resnet_depth.training.settings import AugmentationSettings


def settings(flip="none", crop_padding=0):
    return AugmentationSettings(flip=flip, crop_padding=crop_padding, cutout=0, mixup=0)


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


@pytest.fixture
def images():
    # Every pixel of an image differs, and none is 0, which is the padding.
    pixels = torch.arange(1, 3 * 6 * 6 + 1, dtype=torch.uint8).reshape(1, 3, 6, 6)
    return pixels.repeat(40, 1, 1, 1)


def test_with_everything_off_the_batch_is_itself_and_nothing_is_drawn(images):
    source = generator()
    before = source.get_state()

    assert augment(images, settings(), source) is images
    assert torch.equal(source.get_state(), before)


def test_a_flip_mirrors_some_images_whole_and_leaves_the_others(images):
    flipped = augment(images, settings(flip="horizontal"), generator())

    mirrored = [torch.equal(image, images[0].flip(-1)) for image in flipped]
    same = [torch.equal(image, images[0]) for image in flipped]

    assert all(a != b for a, b in zip(mirrored, same, strict=True))
    assert 8 <= sum(mirrored) <= 32  # of 40; outside with a probability of 3e-5 a seed


def test_a_crop_is_a_window_of_the_padded_image(images):
    padding = 2
    cropped = augment(images, settings(crop_padding=padding), generator())
    padded = torch.nn.functional.pad(images[0], (padding,) * 4)
    windows = [
        padded[:, row : row + 6, column : column + 6]
        for row in range(2 * padding + 1)
        for column in range(2 * padding + 1)
    ]

    places = [[torch.equal(image, window) for window in windows] for image in cropped]

    assert all(sum(place) == 1 for place in places)
    assert len({place.index(True) for place in places}) > 10  # of 25 places, 40 draws


@pytest.mark.parametrize("chosen", [settings("horizontal"), settings(crop_padding=4)])
def test_the_same_seed_gives_the_same_images_and_another_seed_others(images, chosen):
    first, again, other = (augment(images, chosen, generator(seed)) for seed in (0, 0, 1))

    assert torch.equal(first, again)
    assert not torch.equal(first, other)


@pytest.mark.parametrize("chosen", [settings("horizontal"), settings(crop_padding=1)])
def test_shape_and_type_stay(images, chosen):
    changed = augment(images, chosen, generator())

    assert (changed.shape, changed.dtype) == (images.shape, torch.uint8)
