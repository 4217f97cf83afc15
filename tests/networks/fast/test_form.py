"""The fast form of a network: what it gives, and its names."""

import pytest
import torch
from given.narrow_network import narrow
from torch import nn
from torch.nn.functional import cross_entropy

from resnet_depth.networks.compaction import compact
from resnet_depth.networks.fast.convolution import MatrixConvolution
from resnet_depth.networks.fast.form import to_fast_form
from resnet_depth.training.initial import initial_network


@pytest.mark.parametrize("depth", [18, 50])
@pytest.mark.parametrize(("stem", "size"), [("imagenet", 32), ("half", 32), ("imagenet", 64)])
def test_the_fast_form_gives_a_networks_outputs_and_keeps_its_names(depth, stem, size):
    network = initial_network(depth, 10, stem, seed=0)
    small = compact(network, size)
    names = list(small.state_dict())
    fast = to_fast_form(compact(network, size), size, torch.device("cpu"))
    images = torch.randn(4, 3, size, size, generator=torch.Generator().manual_seed(0))

    with torch.no_grad():
        expected, found = (form.eval()(images) for form in (small, fast))
    assert (found - expected).norm() < 1e-5 * expected.norm()
    assert list(fast.state_dict()) == names
    forms = [type(layer) for layer in fast.modules() if isinstance(layer, nn.Conv2d)]
    assert forms.count(MatrixConvolution) > 3


@pytest.mark.parametrize("depth", [18, 50])
def test_a_network_with_fewer_channels_has_the_same_gradients_in_fast_form(depth):
    plain, fast = (
        # In float32 so deep a network multiplies round-off by thousands.
        narrow(compact(initial_network(depth, 10, "imagenet", seed=0), 32)).double()
        for _ in range(2)
    )
    to_fast_form(fast, 32, torch.device("cpu"))
    images = torch.randn(8, 3, 32, 32, generator=torch.Generator().manual_seed(0)).double()

    for network in (plain, fast):
        cross_entropy(network.train()(images), torch.arange(8)).backward()

    found = dict(fast.named_parameters())
    for name, expected in plain.named_parameters():
        assert (found[name].grad - expected.grad).norm() < 1e-9 * expected.grad.norm(), name
