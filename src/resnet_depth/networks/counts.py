"""How much a network holds and computes, from shapes alone: parameters, operations, those alive."""

import torch
from torch import nn

from resnet_depth.networks.live_taps import live_kernels
from resnet_depth.networks.resnet import ResNet, placed_convolutions
from resnet_depth.networks.settings import Stem


def count_live_parameters(depth: int, classes: int, stem: Stem, image_size: int) -> int:
    """Return how many trainable numbers of a network can have an effect on its output.

    Args:
        depth: 18, 34, 50, 101 or 152.
        classes: How many logits the network gives.
        stem: See `resnet.ResNet`.
        image_size: Side of the square image, in pixels.
    """
    network = _meta_network(depth, classes, stem)
    dead = sum(kernel.dead_weights for kernel in live_kernels(network, image_size).values())
    return sum(parameter.numel() for parameter in network.parameters()) - dead


def count_live_macs(depth: int, classes: int, stem: Stem, image_size: int) -> int:
    """Return the multiply-accumulate operations of one image's inference with live taps only.

    Counted as by `count_macs`: a live tap counts at every position, even where it meets
    padding, as in the network that `compaction.compact` returns.

    Args:
        depth: 18, 34, 50, 101 or 152.
        classes: How many logits the network gives.
        stem: See `resnet.ResNet`.
        image_size: Side of the square image, in pixels.
    """
    network = _meta_network(depth, classes, stem)
    convolutions = sum(kernel.live_macs for kernel in live_kernels(network, image_size).values())
    return convolutions + network.fc.weight.numel()


def _meta_network(depth: int, classes: int, stem: Stem) -> ResNet:
    """Return a network that has shapes and no numbers."""
    with torch.device("meta"):
        return ResNet(depth, classes, stem)


def count_parameters(network: nn.Module) -> int:
    """Return how many trainable numbers the network holds (running statistics aren't any)."""
    return sum(parameter.numel() for parameter in network.parameters())


def count_macs(depth: int, classes: int, stem: Stem, image_size: int) -> int:
    """Return the multiply-accumulate operations of one image's inference.

    Counted are convolutions and linear layers, taps on padding included, as is usual;
    normalisation, activation and pooling are left out. Derived from shapes: nothing is computed.

    Args:
        depth: 18, 34, 50, 101 or 152.
        classes: How many logits the network gives.
        stem: See `resnet.ResNet`.
        image_size: Side of the square image, in pixels.
    """
    with torch.device("meta"):
        network = ResNet(depth, classes, stem)
    convolutions = (
        place.output_size**2 * place.layer.weight.numel()
        for place in placed_convolutions(network, image_size)
    )
    return sum(convolutions) + network.fc.weight.numel()


def training_flops(depth: int, classes: int, stem: Stem, image_size: int) -> int:
    """Return the floating-point operations of a training step, for one image.

    Counted are the products of convolutions and of the classifier, with live taps only (see
    `count_live_macs`), in the forward pass and by weights and inputs in the backward
    pass; the first layer needs none by its inputs. A multiply-accumulate counts as two.

    Args:
        depth: 18, 34, 50, 101 or 152.
        classes: How many logits the network gives.
        stem: See `resnet.ResNet`.
        image_size: Side of the square image, in pixels.
    """
    network = _meta_network(depth, classes, stem)
    first = live_kernels(network, image_size)["conv1"].live_macs
    return 2 * (3 * count_live_macs(depth, classes, stem, image_size) - first)
