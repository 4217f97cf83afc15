"""Convolutions that have taken over the batch norms behind them.

In evaluation mode batch norm is a fixed scale and shift of each channel, which the convolution
before it can do as well (Jacob et al., "Quantization and Training of Neural Networks for Efficient
Integer-Arithmetic-Only Inference" (2017), arXiv:1712.05877, section 3.2). The outputs are the same,
up to round-off.
"""

import copy

from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from resnet_depth.networks.resnet import ResNet, placed_convolutions


def without_batch_norm(network: ResNet, image_size: int) -> ResNet:
    """Return a copy without batch norm of a network in evaluation mode; it can't be trained.

    The one given, full, compact or pruned, for images of `image_size` pixels a side, stays as it
    was. All convolutions of the copy have a bias.
    """
    folded = copy.deepcopy(network)
    for place in list(placed_convolutions(folded, image_size)):
        parent, _, name = place.name.rpartition(".")
        owner = folded.get_submodule(parent)
        # A shortcut's projection is a sequence of the two; elsewhere conv1 goes with bn1.
        norm_name = "1" if name == "0" else name.replace("conv", "bn")
        norm = owner.get_submodule(norm_name)
        assert isinstance(norm, nn.BatchNorm2d)
        setattr(owner, name, fuse_conv_bn_eval(place.layer, norm))
        setattr(owner, norm_name, nn.Identity())
    return folded
