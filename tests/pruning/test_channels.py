"""Whole channels: those go that matter least, with all that belongs to them and nothing else."""

import copy

import pytest
import torch

from resnet_depth.networks.compaction import compact
from resnet_depth.networks.counts import size_of
from resnet_depth.networks.resnet import placed_convolutions
from resnet_depth.pruning.channels import prune_channels
from resnet_depth.pruning.settings import Level
from resnet_depth.training.initial import initial_network

SIZE = 32


def network_of_depth(depth):
    """A compact network whose batch norms tell channels apart."""
    network = compact(initial_network(depth, 10, "imagenet", seed=0), SIZE)
    draw = torch.Generator().manual_seed(1)
    for layer in network.modules():
        if isinstance(layer, torch.nn.BatchNorm2d):
            for tensor in (layer.weight, layer.bias, layer.running_mean, layer.running_var):
                tensor.data = 0.5 + torch.rand(tensor.shape, generator=draw)
    return network.eval()


def outputs(network):
    images = torch.randn(4, 3, SIZE, SIZE, generator=torch.Generator().manual_seed(2))
    with torch.inference_mode():
        return network(images)


def pruned(network, kind, chosen_by, share, seed=0):
    smaller = copy.deepcopy(network)
    prune_channels(smaller, SIZE, Level(kind, chosen_by, share), seed)
    return smaller


def widths(network):
    return [place.layer.out_channels for place in placed_convolutions(network, SIZE)]


def silence(tensor, channels, dim=0):
    """Set every second of a tensor's channels to zero along a dimension."""
    index = torch.arange(0, channels, 2)
    tensor.data.index_fill_(dim, index, 0.0)


@pytest.mark.parametrize("depth", [18, 50])
@pytest.mark.parametrize("kind", ["inner", "groups"])
def test_channels_that_say_nothing_go_and_no_output_changes(depth, kind):
    network = network_of_depth(depth)
    for place in placed_convolutions(network, SIZE):
        parent, _, name = place.name.rpartition(".")
        norm = network.get_submodule(parent).get_submodule(
            "1" if name == "0" else name.replace("conv", "bn")
        )
        silence(place.layer.weight, place.layer.out_channels)
        silence(norm.bias, norm.num_features)
        silence(norm.running_mean, norm.num_features)
        if place.name != "conv1":
            silence(place.layer.weight, place.layer.in_channels, dim=1)
    silence(network.fc.weight, network.fc.in_features, dim=1)

    smaller = pruned(network, kind, "l2", 0.5)

    expected = outputs(network)
    assert (outputs(smaller) - expected).norm() < 1e-5 * expected.norm()
    assert size_of(smaller, SIZE).parameters < 0.6 * size_of(network, SIZE).parameters


def test_those_go_whose_weights_have_the_least_norm():
    network = network_of_depth(18)
    smaller = pruned(network, "inner", "l2", 0.25)

    for stage in ("layer1", "layer4"):
        before, after = network.get_submodule(stage)[1], smaller.get_submodule(stage)[1]
        norms = before.conv1.weight.flatten(1).square().sum(1)
        norms += before.conv2.weight.transpose(0, 1).flatten(1).square().sum(1)
        kept = norms.argsort()[len(norms) // 4 :].sort().values
        assert torch.equal(after.conv1.weight, before.conv1.weight[kept])
        assert torch.equal(after.bn1.running_mean, before.bn1.running_mean[kept])
        assert torch.equal(after.conv2.weight, before.conv2.weight[:, kept])


@pytest.mark.parametrize("depth", [18, 50])
@pytest.mark.parametrize("kind", ["inner", "groups"])
@pytest.mark.parametrize("share", [0.5, 0.75])
def test_every_layer_loses_the_same_share_whatever_decides(depth, kind, share):
    network = network_of_depth(depth)

    by_norm, by_chance = (pruned(network, kind, choice, share) for choice in ("l2", "random"))

    assert widths(by_norm) == widths(by_chance)
    for place, width in zip(placed_convolutions(network, SIZE), widths(by_norm), strict=True):
        inside = place.name.endswith("conv1" if depth == 18 else ("conv1", "conv2"))
        goes = kind == "groups" or (inside and place.name != "conv1")
        assert width == place.layer.out_channels * (1 - share if goes else 1), place.name


def test_a_channel_of_each_layer_stays():
    assert set(widths(pruned(network_of_depth(18), "groups", "l2", 0.999))) == {1}


def test_chance_is_the_seeds_and_a_smaller_shares_channels_are_among_a_larger_ones():
    network = network_of_depth(18)

    def kept(share, seed):
        rows = pruned(network, "inner", "random", share, seed).layer1[0].conv1.weight
        return {tuple(row.flatten().tolist()) for row in rows}

    assert kept(0.5, 0) == kept(0.5, 0)
    assert kept(0.5, 0) != kept(0.5, 1)
    assert kept(0.75, 0) < kept(0.5, 0)


@pytest.mark.parametrize(("stem", "size"), [("half", 24), ("cifar", 16)])
def test_other_stems_and_image_sizes_are_pruned_alike(stem, size):
    network = compact(initial_network(18, 7, stem, seed=0), size).eval()

    prune_channels(network, size, Level("groups", "l2", 0.5), 0)

    assert network(torch.zeros(2, 3, size, size)).shape == (2, 7)
    assert (network.conv1.out_channels, network.fc.in_features) == (32, 256)
