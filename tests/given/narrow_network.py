"""Networks with fewer channels than their depth has, cut by hand."""

from torch import nn


def narrow(network):
    """Take channels out of two blocks, changed in place: in the first, and where the map is 1×1."""
    for block, kept in ((network.layer1[0], 24), (network.layer4[0], 40)):
        _keep(block.conv1, block.bn1, block.conv2, kept)
    return network


def _keep(layer, norm, behind, kept):
    layer.weight = nn.Parameter(layer.weight.detach()[:kept].clone())
    behind.weight = nn.Parameter(behind.weight.detach()[:, :kept].clone())
    layer.out_channels = norm.num_features = behind.in_channels = kept
    for name in ("weight", "bias"):
        setattr(norm, name, nn.Parameter(getattr(norm, name).detach()[:kept].clone()))
    for name in ("running_mean", "running_var"):
        setattr(norm, name, getattr(norm, name)[:kept].clone())
