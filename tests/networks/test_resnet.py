"""The networks are torchvision's, at every depth and stem."""

import pytest
import torch
import torchvision

from resnet_depth.networks.resnet import ResNet
from resnet_depth.networks.shape import BLOCKS, DEPTHS
from resnet_depth.training.initial import initial_network


def torchvisions(depth):
    """torchvision's network of a depth; of one it has no name for, put together from its parts."""
    if make := getattr(torchvision.models, f"resnet{depth}", None):
        return make(num_classes=10)
    kind, blocks = BLOCKS[depth]
    parts = torchvision.models.resnet
    block = {"basic": parts.BasicBlock, "bottleneck": parts.Bottleneck}[kind]
    return parts.ResNet(block, list(blocks), num_classes=10)


@pytest.mark.parametrize("depth", DEPTHS)
def test_with_the_imagenet_stem_a_network_is_torchvisions_own(depth):
    with torch.device("meta"):
        ours = ResNet(depth, 10, "imagenet")
        theirs = torchvisions(depth)

    assert {name: value.shape for name, value in ours.state_dict().items()} == {
        name: value.shape for name, value in theirs.state_dict().items()
    }
    assert str(ours) == str(theirs)


@pytest.mark.parametrize("depth", [18, 50])
def test_weights_and_outputs_are_those_of_torchvision_from_the_same_generator(depth):
    torch.manual_seed(7)
    theirs = torchvisions(depth)
    torch.manual_seed(7)
    ours = ResNet(depth, 10, "imagenet")
    images = torch.randn(4, 3, 32, 32)

    for name, value in theirs.state_dict().items():
        assert torch.equal(value, ours.state_dict()[name]), name
    assert torch.equal(theirs(images), ours(images))


@pytest.mark.parametrize(("stem", "side"), [("imagenet", 8), ("half", 16), ("cifar", 32)])
def test_a_stem_leaves_a_quarter_a_half_or_the_whole_side(stem, side):
    network = ResNet(18, 10, stem).eval()
    shapes = []
    network.layer1.register_forward_hook(lambda *call: shapes.append(tuple(call[2].shape)))

    with torch.no_grad():
        network(torch.zeros(2, 3, 32, 32))

    assert shapes == [(2, 64, side, side)]


@pytest.mark.parametrize("depth", DEPTHS)
def test_every_depth_trains_a_step_without_a_nan(depth):
    network = initial_network(depth, 10, "imagenet", seed=0)

    network(torch.randn(4, 3, 32, 32)).sum().backward()

    assert all(torch.isfinite(parameter.grad).all() for parameter in network.parameters())


def test_an_unknown_depth_is_refused():
    with pytest.raises(ValueError, match="depth must be one of"):
        ResNet(19, 10, "imagenet")
