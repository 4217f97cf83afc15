"""Making the study's networks from a seed, and counting what they hold and compute."""

import torch
from torch import nn

from resnet_depth.resnet import ResNet, placed_convolutions
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
    with torch.device("meta"):
        network = ResNet(depth, classes, stem)
    convolutions = (
        place.output_size**2 * place.layer.weight.numel()
        for place in placed_convolutions(network, image_size)
    )
    return sum(convolutions) + network.fc.weight.numel()
