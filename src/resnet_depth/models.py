"""Making the study's networks from a seed, and counting what they hold and compute."""

import torch
from torch import nn

from resnet_depth.resnet import ResNet
from resnet_depth.seeding import initialisation
from resnet_depth.settings.models import Stem


def initial_network(depth: int, classes: int, stem: Stem, seed: int) -> ResNet:
    """Return an untrained network whose weights depend on nothing but the arguments.

    Args:
        depth: 18, 34, 50, 101 or 152.
        classes: How many logits it gives.
        stem: See `resnet.ResNet`.
        seed: The run's seed, in [0, 2**32).
    """
    with initialisation(seed):
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
    macs = 0

    def count(layer: nn.Module, _: tuple[torch.Tensor, ...], output: torch.Tensor) -> None:
        nonlocal macs
        if isinstance(layer, nn.Conv2d):
            fan_in = layer.weight[0].numel()
            macs += output.numel() * fan_in
        elif isinstance(layer, nn.Linear):
            macs += output.numel() * layer.in_features

    with torch.device("meta"):
        network = ResNet(depth, classes, stem).eval()
        for layer in network.modules():
            layer.register_forward_hook(count)
        network(torch.empty(1, 3, image_size, image_size))
    return macs
