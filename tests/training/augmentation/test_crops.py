"""Both ways to crop give the same, and padding is what it is called."""

import pytest
import torch
from given.distinct_images import COUNT, EVERYTHING, SIDE, distinct_images

from resnet_depth.training.augmentation.crops import crops_by_pixel, crops_by_window, pad


@pytest.fixture
def pixels():
    return distinct_images().pixels


@pytest.mark.parametrize("flipped", [None, EVERYTHING % 3 == 0])
@pytest.mark.parametrize("corners", [None, torch.arange(2 * COUNT).view(2, COUNT) % 4])
def test_both_ways_to_crop_give_the_same(pixels, corners, flipped):
    size = (SIDE - 3, SIDE - 4)
    indices = EVERYTHING.flip(0)
    window, pixel = (
        way(pixels, size, indices, corners, flipped) for way in (crops_by_window, crops_by_pixel)
    )

    assert torch.equal(window, pixel)
    assert window.shape == (COUNT, *size, 3)
    top, left = (0, 0) if corners is None else corners[:, 7].tolist()
    crop = pixels[indices[7], top : top + size[0], left : left + size[1]]
    assert torch.equal(window[7], crop)


@pytest.mark.parametrize(("fill", "mode"), [("reflect", "reflect"), ("zero", "constant")])
def test_padding_mirrors_an_image_at_its_outermost_pixels_or_is_black(pixels, fill, mode):
    found = pad(pixels, 3, fill)

    channels_first = pixels.permute(0, 3, 1, 2).float()
    expected = torch.nn.functional.pad(channels_first, (3,) * 4, mode=mode)
    assert torch.equal(found.permute(0, 3, 1, 2), expected.byte())


def test_a_padding_wider_than_the_image_mirrors_on_and_on(pixels):
    found = pad(pixels, 20, "reflect")

    # Mirrored twice, an image stands the right way up again.
    own = slice(20, 20 + SIDE)
    assert torch.equal(found[:, own, own], pixels)
    assert torch.equal(found[:, 4 : 4 + SIDE, own], pixels)


def test_images_without_padding_are_not_copied(pixels):
    assert pad(pixels, 0, "zero") is pixels
