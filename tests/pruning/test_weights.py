"""Single weights: the smallest of the network go, as many as were asked for, and stay away."""

import pytest
import torch
from torch import nn

from resnet_depth.networks.compaction import compact
from resnet_depth.pruning.weights import Zeros, prune_weights
from resnet_depth.training.initial import initial_network


@pytest.fixture
def network():
    return compact(initial_network(18, 10, "imagenet", seed=0), 32)


def weights(network):
    layers = [each for each in network.modules() if isinstance(each, nn.Conv2d | nn.Linear)]
    return torch.cat([layer.weight.detach().flatten() for layer in layers])


def test_the_smallest_weights_of_the_whole_network_become_zero(network):
    before = weights(network)

    prune_weights(network, 0.9)

    after = weights(network)
    gone = after == 0
    assert gone.sum() == round(0.9 * len(before))
    assert before[gone].abs().max() <= before[~gone].abs().min()
    assert torch.equal(after[~gone], before[~gone])


def test_nothing_else_changes_and_nothing_is_left_behind(network):
    before = {name: value.clone() for name, value in network.state_dict().items()}

    prune_weights(network, 0.5)

    after = network.state_dict()
    assert set(after) == set(before)
    for name, value in after.items():
        if value.dim() < 2:
            assert torch.equal(value, before[name]), name
    assert not any(layer._forward_pre_hooks for layer in network.modules())


def test_what_was_zero_is_set_to_zero_again_and_nothing_else(network):
    prune_weights(network, 0.5)
    zeros, before = Zeros(network), weights(network)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.add_(1.0)

    zeros.restore()

    assert torch.equal(weights(network), torch.where(before == 0, before, before + 1))
    assert (network.bn1.bias == 1).all()
