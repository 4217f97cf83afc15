"""The network that a seed gives."""

import pytest
import torch

from resnet_depth.training.initial import initial_network


@pytest.mark.parametrize("stem", ["imagenet", "cifar"])
def test_the_same_seed_gives_the_same_network_whatever_was_drawn_before(stem):
    first = initial_network(18, 10, stem, seed=1)
    torch.rand(5)
    again, other = (initial_network(18, 10, stem, seed=seed) for seed in (1, 2))

    assert torch.equal(first.conv1.weight, again.conv1.weight)
    assert torch.equal(first.fc.weight, again.fc.weight)
    assert not torch.equal(first.conv1.weight, other.conv1.weight)
