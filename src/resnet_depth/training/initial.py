"""Making the study's networks from a seed."""

import torch
from torch import nn

from resnet_depth.networks.resnet import BasicBlock, Bottleneck, ResNet
from resnet_depth.networks.shape import Stem
from resnet_depth.training.seeding import Stream, stream_seed


def initial_network(
    depth: int, classes: int, stem: Stem, seed: int, zero_init_residual: bool = False
) -> ResNet:
    """Return an untrained network whose weights depend on nothing but the arguments.

    It draws them from torch's global generator, as torchvision's do; that is restored afterwards.
    See `ResNet` for the arguments; the seed is the run's, in [0, 2**32). With `zero_init_residual`
    each block's last scale is 0, so that it begins as its shortcut (Goyal et al., "Accurate, Large
    Minibatch SGD" (2017), arXiv:1706.02677, section 5.1).
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(stream_seed(seed, Stream.INITIALISATION))
        network = ResNet(depth, classes, stem)
    if zero_init_residual:
        for block in network.modules():
            if isinstance(block, BasicBlock | Bottleneck):
                last = block.bn3 if isinstance(block, Bottleneck) else block.bn2
                nn.init.zeros_(last.weight)
    return network
