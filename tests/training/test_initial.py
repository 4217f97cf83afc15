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


@pytest.mark.parametrize("depth", [18, 50])
def test_residual_blocks_can_begin_as_their_shortcuts(depth):
    network = initial_network(depth, 10, "imagenet", 0, zero_init_residual=True).eval()
    plain, projected = network.layer2[1], network.layer2[0]
    # What a block gets is rectified.
    images = torch.rand(2, plain.conv1.in_channels, 4, 4)
    before = torch.rand(2, projected.conv1.in_channels, 8, 8)

    assert torch.equal(plain(images), images)
    assert torch.equal(projected(before), projected.downsample(before).relu())
