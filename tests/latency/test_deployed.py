"""The deployed form: the same outputs as the plain network, without dead taps and batch norm."""

import copy

import pytest
import torch
from torch import nn

from resnet_depth.latency.deployed import deployed
from resnet_depth.latency.packed import PackedConvolution, PackedProduct
from resnet_depth.networks.compaction import compact
from resnet_depth.networks.fast.form import layout
from resnet_depth.training.initial import initial_network

CPU = torch.device("cpu")
PACKED = (PackedConvolution, PackedProduct)


def used_network(depth, stem, size):
    """A network whose running statistics are those of a few batches, and not of none."""
    network = initial_network(depth, 10, stem, seed=0)
    draw = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for _ in range(3):
            network(2 * torch.randn(8, 3, size, size, generator=draw) + 0.5)
    return network.eval()


def images(count, size):
    return torch.randn(count, 3, size, size, generator=torch.Generator().manual_seed(1))


def assert_same_outputs(plain, form, batch):
    with torch.inference_mode():
        expected, found = plain(batch), form(batch.contiguous(memory_format=layout(CPU)))
    assert (found - expected).abs().max() < 1e-4 * expected.abs().max()


# At other sizes ResNet-34 has no other layers than ResNet-18, and packing weights lasts.
@pytest.mark.parametrize(
    ("depth", "stem", "size"),
    [
        (34, "imagenet", 32),
        *((depth, "imagenet", size) for depth in (18, 50) for size in (32, 40, 64)),
        *((depth, "half", 32) for depth in (18, 50)),
    ],
)
def test_outputs_are_those_of_the_plain_network(depth, stem, size):
    plain = used_network(depth, stem, size)

    form = deployed(compact(plain, size), size, CPU)

    for count in (4, 1):
        assert_same_outputs(plain, form, images(count, size))


def test_without_the_library_that_packs_outputs_are_the_same(monkeypatch):
    plain = used_network(18, "imagenet", 32)
    monkeypatch.setattr(torch.backends.mkldnn, "is_available", lambda: False)

    form = deployed(compact(plain, 32), 32, CPU)

    assert not any(isinstance(layer, PACKED) for layer in form.modules())
    assert_same_outputs(plain, form, images(4, 32))


def test_no_batch_norm_is_left_and_the_given_network_stays():
    network = compact(used_network(18, "imagenet", 32), 32)
    before = copy.deepcopy(network.state_dict())

    form = deployed(network, 32, CPU)

    assert not any(isinstance(layer, nn.BatchNorm2d) for layer in form.modules())
    # All 20 convolutions are packed: none brings its weights into order at each call.
    assert sum(isinstance(layer, PACKED) for layer in form.modules()) == 20
    assert not any(isinstance(layer, nn.Conv2d) for layer in form.modules())
    after = network.state_dict()
    assert list(after) == list(before)
    assert all(torch.equal(after[name], value) for name, value in before.items())
