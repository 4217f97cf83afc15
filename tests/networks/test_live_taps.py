"""Live taps, derived from shapes, are those that a search over positions and gradients find."""

import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from torch import nn
from torch.nn.functional import cross_entropy

from resnet_depth.networks.counts import count
from resnet_depth.networks.live_taps import live_kernel, live_kernels, live_taps
from resnet_depth.networks.resnet import PlacedConvolution, meta_network
from resnet_depth.networks.shape import NetworkShape
from resnet_depth.training.initial import initial_network


@st.composite
def convolutions(draw):
    """Size, kernel, stride and padding of one dimension."""
    size, kernel, stride = (
        draw(st.integers(1, 20)),
        draw(st.integers(1, 9)),
        draw(st.integers(1, 9)),
    )
    padding = draw(st.integers(0, kernel // 2))
    assume(kernel <= size + 2 * padding)
    return size, kernel, stride, padding


@settings(deadline=None, derandomize=True, max_examples=200)
@given(convolutions())
def test_live_taps_are_those_that_a_search_over_all_positions_finds(dimension):
    size, kernel, stride, padding = dimension
    starts = range(-padding, size + padding - kernel + 1, stride)

    found = {tap for tap in range(kernel) for start in starts if 0 <= start + tap < size}

    assert set(live_taps(*dimension)) == found


@settings(deadline=None, derandomize=True, max_examples=200)
@given(convolutions())
def test_the_cut_kernel_with_less_padding_by_its_first_tap_has_as_many_positions(dimension):
    size, kernel, stride, padding = dimension
    taps = live_taps(*dimension)

    def positions(kernel, padding):
        return (size + 2 * padding - kernel) // stride + 1

    assert positions(len(taps), padding - taps.start) == positions(kernel, padding)


@pytest.mark.parametrize(
    ("dimension", "taps"),
    [
        ((1, 3, 1, 1), range(1, 2)),  # the centre is the only one on the only pixel
        ((2, 3, 2, 1), range(1, 3)),  # one position, from the padding to the second pixel
        (
            (2, 3, 1, 1),
            range(3),
        ),  # two positions: the first tap at the second, the last at the first
        ((32, 7, 2, 3), range(7)),
    ],
)
def test_live_taps_of_cases_worked_by_hand(dimension, taps):
    assert live_taps(*dimension) == taps


@pytest.mark.parametrize(
    ("dimension", "message"),
    [
        ((0, 3, 1, 1), "at least 1"),
        ((4, 3, 0, 1), "at least 1"),
        ((4, 3, 1, -1), "padding in"),
        ((1, 3, 2, 2), "padding in"),  # taps 0 and 2 are alive, 1 is not
        ((2, 5, 1, 1), "doesn't fit"),
    ],
)
def test_a_convolution_that_cannot_be_is_refused(dimension, message):
    with pytest.raises(ValueError, match=message):
        live_taps(*dimension)


@pytest.mark.parametrize(
    ("stem", "size", "batch"),
    [
        ("imagenet", 32, 16),
        ("imagenet", 64, 4),
        ("imagenet", 5, 16),  # of the first kernel's seven rows five are left
        ("half", 20, 8),
        ("cifar", 32, 2),
        ("cifar", 9, 16),
    ],
)
def test_live_taps_are_those_that_get_a_gradient(stem, size, batch):
    network = initial_network(18, 10, stem, seed=0)
    numbers = torch.Generator().manual_seed(0)
    images = torch.randn(batch, 3, size, size, generator=numbers)
    kernels = live_kernels(network, size)

    cross_entropy(network(images), torch.arange(batch) % 10).backward()

    counted = 0
    for name, layer in network.named_modules():
        if isinstance(layer, nn.Conv2d):
            found = layer.weight.grad.ne(0).any(dim=0).any(dim=0)
            derived = torch.zeros_like(found)
            derived[kernels[name].window[2:]] = True
            assert torch.equal(found, derived), name
            counted += int(found.sum()) * layer.in_channels * layer.out_channels
        else:
            counted += sum(value.numel() for value in layer.parameters(recurse=False))
    assert counted == count(NetworkShape(18, 10, stem, size)).live_parameters


def test_a_kernel_says_what_of_it_is_alive():
    kernels = live_kernels(meta_network(NetworkShape(18, 10, "imagenet", 32)), 32)
    first, last = kernels["layer4.0.conv1"], kernels["layer4.1.conv2"]

    assert (first.weight_shape, first.live_shape) == ((512, 256, 3, 3), (512, 256, 2, 2))
    assert (last.rows, last.columns) == (range(1, 2), range(1, 2))
    assert last.dead_weights == 8 * 512 * 512


@pytest.mark.parametrize(
    "layer",
    [
        nn.Conv2d(3, 1, 3, padding=1, dilation=2),
        nn.Conv2d(3, 1, 3, padding="same"),
        nn.Conv2d(3, 1, 3, padding=1, padding_mode="reflect"),
    ],
    ids=["dilation", "same", "reflect"],
)
def test_a_convolution_of_another_kind_is_refused_by_name(layer):
    with pytest.raises(ValueError, match="stem: need padding by a number of zeros"):
        live_kernel(PlacedConvolution("stem", layer, 8, 8))
