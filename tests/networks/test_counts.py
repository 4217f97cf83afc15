"""Sizes and operations of networks are the published ones, and those that torch counts."""

import pytest
import torch
from given.narrow_network import narrow
from torch.nn.functional import cross_entropy
from torch.utils.flop_counter import FlopCounterMode

from resnet_depth.networks.compaction import compact
from resnet_depth.networks.counts import count, size_of, training_flops
from resnet_depth.networks.shape import DEPTHS, NetworkShape
from resnet_depth.training.initial import initial_network


@pytest.mark.parametrize(
    ("depth", "parameters"), [(18, 11_181_642), (34, 21_289_802), (50, 23_528_522)]
)
def test_parameters_with_ten_classes(depth, parameters):
    assert count(NetworkShape(depth, 10, "imagenet", 32)).parameters == parameters


@pytest.mark.parametrize(
    ("depth", "gigamacs"), [(18, 1.814), (34, 3.664), (50, 4.089), (101, 7.801), (152, 11.514)]
)
def test_macs_at_224_pixels_are_the_published_ones(depth, gigamacs):
    # torchvision's model pages: 1.81, 3.66, 4.09, 7.80 and 11.51 GFLOPS (multiply-adds).
    macs = count(NetworkShape(depth, 1000, "imagenet", 224)).macs

    assert macs / 1e9 == pytest.approx(gigamacs, abs=5e-4)


def test_macs_of_a_stem_match_a_count_by_hand():
    # cifar against half stem: 3·3·3 taps, 64 channels, at 32×32 instead of 16×16 positions;
    # everything behind it sees four times as many positions, but for the classifier's 512·10.
    cifar, half = (count(NetworkShape(18, 10, stem, 32)).macs for stem in ("cifar", "half"))

    assert cifar - 5120 == 4 * (half - 5120)


@pytest.mark.parametrize(
    ("depth", "parameters", "macs"),
    [
        (18, 4_234_826, 30_069_760),
        (34, 10_148_682, 63_624_192),
        (50, 18_023_498, 77_926_400),
        (101, 37_015_626, 153_686_016),
        (152, 52_659_274, 229_445_632),
    ],
)
def test_live_parameters_and_macs_at_32_pixels(depth, parameters, macs):
    counts = count(NetworkShape(depth, 10, "imagenet", 32))

    assert (counts.live_parameters, counts.live_macs) == (parameters, macs)


@pytest.mark.parametrize("depth", DEPTHS)
def test_at_224_pixels_everything_is_alive(depth):
    counts = count(NetworkShape(depth, 10, "imagenet", 224))

    assert (counts.live_parameters, counts.live_macs) == (counts.parameters, counts.macs)


@pytest.mark.parametrize(
    ("depth", "stem", "size"),
    [(18, "imagenet", 32), (18, "half", 24), (18, "cifar", 8), (50, "imagenet", 32)],
)
def test_live_counts_are_those_of_the_compact_network(depth, stem, size):
    network = compact(initial_network(depth, 10, stem, seed=0).eval(), size)

    with FlopCounterMode(display=False) as counter, torch.inference_mode():
        network(torch.zeros(1, 3, size, size))

    counts = count(NetworkShape(depth, 10, stem, size))
    assert counts.live_parameters == sum(value.numel() for value in network.parameters())
    assert counts.live_macs == counter.get_total_flops() / 2


@pytest.mark.parametrize("depth", [18, 50])
def test_a_network_with_fewer_channels_is_counted_as_it_is(depth):
    network = narrow(compact(initial_network(depth, 10, "imagenet", seed=0).eval(), 32))

    with FlopCounterMode(display=False) as counter, torch.inference_mode():
        network(torch.zeros(1, 3, 32, 32))

    size = size_of(network, 32)
    assert size.parameters == sum(value.numel() for value in network.parameters())
    assert size.macs == counter.get_total_flops() / 2
    assert size.macs < count(NetworkShape(depth, 10, "imagenet", 32)).live_macs


@pytest.mark.parametrize("depth", [18, 50])
def test_operations_of_a_training_step_are_those_that_torch_counts(depth):
    network = compact(initial_network(depth, 10, "imagenet", seed=0), 32)
    with FlopCounterMode(display=False) as counter:
        cross_entropy(network(torch.randn(2, 3, 32, 32)), torch.tensor([0, 1])).backward()

    assert counter.get_total_flops() == 2 * training_flops(NetworkShape(depth, 10, "imagenet", 32))
