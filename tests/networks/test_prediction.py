"""What becomes of images on their way into a network, and how its outputs are gathered."""

import numpy as np
import pytest
import torch

from resnet_depth.networks.prediction import Images, predict_logits

CPU = torch.device("cpu")
MEAN, STD = (0.5, 0.25, 0.75), (0.2, 0.3, 0.0)


@pytest.fixture
def pixels():
    return np.random.default_rng(0).integers(0, 256, (6, 8, 8, 3), dtype=np.uint8)


def network_input(pixels, size=None):
    images = Images(pixels, MEAN, STD, CPU, size)
    return images.normalize(images.slice(0, len(pixels)))


@pytest.mark.parametrize("size", [None, 8])
def test_input_of_the_images_own_size_is_their_pixels_normalised(pixels, size):
    found = network_input(pixels, size)

    # A channel that never varies is divided by 1.
    scale = torch.tensor([0.2, 0.3, 1.0])
    pixels = torch.from_numpy(pixels).permute(0, 3, 1, 2).double()
    expected = (pixels - 255 * torch.tensor(MEAN)[:, None, None]) / (255 * scale[:, None, None])
    torch.testing.assert_close(found.double(), expected, rtol=0, atol=1e-5)
    assert torch.equal(found, network_input(pixels.permute(0, 2, 3, 1).byte().numpy()))


def test_images_made_larger_lie_between_their_pixels(pixels):
    own, double = network_input(pixels), network_input(pixels, 16)

    # Twice the size: a pixel lies a quarter from the old pixel it is nearest to, or on the border.
    torch.testing.assert_close(double[:, :, 0, 0], own[:, :, 0, 0])
    column = 0.75 * own[..., 2] + 0.25 * own[..., 3]
    expected = 0.25 * column[:, :, 4] + 0.75 * column[:, :, 5]
    torch.testing.assert_close(double[:, :, 10, 5], expected)


def test_images_made_smaller_are_averaged_over_all_their_pixels(pixels):
    # Of every other pixel taken by itself, the ones left out would not count.
    pixels[...] = 0
    pixels[:, 1::2, 1::2] = 255

    darkest, half = (network_input(pixels, size).min() for size in (8, 4))

    assert half > darkest + 0.2
    assert network_input(pixels, 4).shape == (6, 3, 4, 4)


def test_a_constant_image_is_the_same_at_every_size():
    grey = np.full((2, 8, 8, 3), 90, np.uint8)

    for size in (5, 8, 20):
        found = network_input(grey, size)
        torch.testing.assert_close(found, network_input(grey)[:, :, :1, :1].expand_as(found))


@pytest.mark.parametrize("size", [None, 5, 20])
def test_network_input_is_in_memory_with_channels_last(pixels, size):
    assert network_input(pixels, size).is_contiguous(memory_format=torch.channels_last)


def test_the_mean_colour_is_the_mean_rounded(pixels):
    assert Images(pixels, MEAN, STD, CPU).mean_colour.tolist() == [128, 64, 191]


def test_logits_come_in_the_order_of_images_whatever_the_batch_and_from_the_size_asked_for(pixels):
    class Sizes(torch.nn.Module):
        def forward(self, images):
            side = torch.full((len(images), 1), images.shape[-1])
            return torch.cat((images.mean((1, 2, 3))[:, None], side), 1)

    all_at_once = predict_logits(Sizes(), Images(pixels, MEAN, STD, CPU, 12), 100)
    in_parts = predict_logits(Sizes(), Images(pixels, MEAN, STD, CPU, 12), 4)

    assert all_at_once.shape == (6, 2)
    torch.testing.assert_close(in_parts, all_at_once)
    assert all_at_once[:, 1].tolist() == [12] * 6
    assert all_at_once[:, 0].tolist() == network_input(pixels, 12).mean((1, 2, 3)).tolist()
