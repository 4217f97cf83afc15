"""Without batch norm a network has the same outputs, and the given one stays as it was."""

import copy

import pytest
import torch
from given.used_network import narrowed, used_network
from torch import nn

from resnet_depth.deployment.folding import without_batch_norm
from resnet_depth.networks.compaction import compact


@pytest.mark.parametrize("made", [lambda full: full, lambda full: narrowed(compact(full, 32))])
def test_outputs_are_the_same_without_batch_norm(made):
    network = made(used_network(18, "imagenet", 32))
    before = copy.deepcopy(network.state_dict())
    images = torch.randn(4, 3, 32, 32, generator=torch.Generator().manual_seed(1))

    folded = without_batch_norm(network, 32)

    assert not any(isinstance(layer, nn.BatchNorm2d) for layer in folded.modules())
    with torch.inference_mode():
        expected, found = network(images), folded(images)
    assert (found - expected).abs().max() < 1e-5 * expected.abs().max()
    after = network.state_dict()
    assert list(after) == list(before)
    assert all(torch.equal(after[name], value) for name, value in before.items())
