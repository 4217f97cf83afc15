"""The optimizer is torch's own, bit for bit."""

import copy

import torch
from torch.nn.functional import cross_entropy

from resnet_depth.training.initial import initial_network
from resnet_depth.training.optimization.optimizer import Adam


def test_steps_are_those_of_torchs_fused_adam():
    ours = initial_network(18, 10, "imagenet", seed=0).to(memory_format=torch.channels_last)
    theirs = copy.deepcopy(ours)
    adam = Adam(ours.parameters(), lr=1e-3)
    reference = torch.optim.Adam(theirs.parameters(), lr=1e-3, fused=True)
    labels = torch.arange(8)

    for step in range(3):
        images = torch.randn(8, 3, 32, 32, generator=torch.Generator().manual_seed(step))
        cross_entropy(ours(images), labels).backward()
        adam.step()
        reference.zero_grad()
        cross_entropy(theirs(images), labels).backward()
        reference.step()

    expected = theirs.state_dict()
    for name, value in ours.state_dict().items():
        assert torch.equal(value, expected[name]), name
    assert all(parameter.grad is None for parameter in ours.parameters())
