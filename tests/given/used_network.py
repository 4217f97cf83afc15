"""Networks as after a training: their running statistics are those of real batches."""

import torch
from torch import nn

from resnet_depth.training.initial import initial_network

MEAN, STD = (0.3, 0.4, 0.5), (0.2, 0.25, 0.3)


def used_network(depth, stem, size):
    """A full network in evaluation mode, with the statistics of a few batches."""
    network = initial_network(depth, 10, stem, seed=0)
    draw = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for _ in range(3):
            network(2 * torch.randn(8, 3, size, size, generator=draw) + 0.5)
    return network.eval()


def narrowed(network):
    """Halve the inner channels of each basic block, as pruning does; return the network."""
    for stage in (network.layer1, network.layer2, network.layer3, network.layer4):
        for block in stage:
            kept = block.conv1.out_channels // 2
            for layer, inputs in ((block.conv1, False), (block.conv2, True)):
                weight = layer.weight.detach()
                layer.weight = nn.Parameter(weight[:, :kept] if inputs else weight[:kept])
            block.conv1.out_channels = block.conv2.in_channels = kept
            norm = block.bn1
            norm.num_features = kept
            for name in ("weight", "bias"):
                setattr(norm, name, nn.Parameter(getattr(norm, name).detach()[:kept]))
            norm.running_mean, norm.running_var = norm.running_mean[:kept], norm.running_var[:kept]
    return network
