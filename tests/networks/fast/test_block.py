"""A residual block as one step of autograd: the bits of its modules, one by one."""

import copy
import weakref

import pytest
import torch
from torch import nn

from resnet_depth.networks.fast.block import FusedBlock
from resnet_depth.networks.fast.convolution import MatrixConvolution
from resnet_depth.networks.resnet import BasicBlock, Bottleneck


def make_block(kind, stride, by_products):
    """A block for 12 channels whose shortcut has a projection if the stride isn't 1."""
    torch.manual_seed(0)
    out = 4 * kind.expansion if stride > 1 else 12
    projection = nn.Sequential(nn.Conv2d(12, out, 1, stride, bias=False), nn.BatchNorm2d(out))
    block = kind(12, out // kind.expansion, stride, projection if stride > 1 else None)
    if by_products:
        for name, layer in list(block.named_modules()):
            if isinstance(layer, nn.Conv2d):
                parent, _, own = name.rpartition(".")
                setattr(block.get_submodule(parent), own, MatrixConvolution.of(layer))
    return block.to(memory_format=torch.channels_last)


def images(size):
    draw = torch.randn(5, 12, size, size, generator=torch.Generator().manual_seed(1))
    return draw.contiguous(memory_format=torch.channels_last)


def train_once(block, size):
    """Outputs, gradients by the images and all parameters, and the state after a step."""
    given = images(size).requires_grad_()
    outputs = block(given)
    factors = torch.randn(outputs.shape, generator=torch.Generator().manual_seed(2))
    (outputs * factors).sum().backward()
    gradients = {name: each.grad for name, each in block.named_parameters()}
    return {"outputs": outputs.detach(), "images": given.grad, **gradients}, block.state_dict()


@pytest.mark.parametrize("kind", [BasicBlock, Bottleneck])
@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize(("size", "by_products"), [(8, False), (4, True), (2, True)])
def test_training_gives_the_bits_of_the_modules(kind, stride, size, by_products):
    block = make_block(kind, stride, by_products)
    expected = train_once(copy.deepcopy(block), size)

    found = train_once(FusedBlock(block), size)

    for one, other in zip(expected, found, strict=True):
        assert list(one) == list(other)
        for name, value in one.items():
            assert torch.equal(value, other[name]), name


@pytest.mark.parametrize("kind", [BasicBlock, Bottleneck])
@pytest.mark.parametrize("stride", [1, 2])
def test_evaluation_gives_the_bits_of_the_modules(kind, stride):
    block = make_block(kind, stride, by_products=True).eval()
    given = images(4)

    with torch.no_grad():
        expected = copy.deepcopy(block)(given)
        found = FusedBlock(block)(given)

    assert torch.equal(found, expected)


def test_a_step_leaves_nothing_behind_for_the_garbage_collector():
    block = FusedBlock(make_block(BasicBlock, 1, by_products=True))
    outputs = block(images(2))
    kept = weakref.ref(outputs)

    outputs.sum().backward()
    del outputs

    assert kept() is None


def test_the_same_step_cannot_be_taken_back_twice():
    loss = FusedBlock(make_block(BasicBlock, 1, by_products=False))(images(2)).sum()
    loss.backward()

    with pytest.raises(RuntimeError, match="second time"):
        loss.backward()
