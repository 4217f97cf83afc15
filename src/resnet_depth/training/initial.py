"""Making the study's networks from a seed."""

import torch

from resnet_depth.networks.resnet import ResNet
from resnet_depth.networks.shape import Stem
from resnet_depth.training.seeding import Stream, stream_seed


def initial_network(depth: int, classes: int, stem: Stem, seed: int) -> ResNet:
    """Return an untrained network whose weights depend on nothing but the arguments.

    It draws them from torch's global generator, as torchvision's do; that is restored afterwards.
    See `ResNet` for the arguments; the seed is the run's, in [0, 2**32).
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(stream_seed(seed, Stream.INITIALISATION))
        return ResNet(depth, classes, stem)
