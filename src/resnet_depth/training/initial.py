"""Making the study's networks from a seed."""

from resnet_depth.networks.resnet import ResNet
from resnet_depth.networks.shape import Stem
from resnet_depth.training.seeding import initialisation


def initial_network(depth: int, classes: int, stem: Stem, seed: int) -> ResNet:
    """Return an untrained network whose weights depend on nothing but the arguments.

    Args:
        depth: One of `networks.shape.DEPTHS`.
        classes: How many logits it gives.
        stem: See `resnet.ResNet`.
        seed: The run's seed, in [0, 2**32).
    """
    with initialisation(seed):
        return ResNet(depth, classes, stem)
