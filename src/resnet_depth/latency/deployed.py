"""The form of a trained network that is put to use: only what its outputs depend on, in fast form.

In evaluation mode batch norm is a fixed scale and shift of each channel, which the convolution
before it can take over (Jacob et al., "Quantization and Training of Neural Networks for Efficient
Integer-Arithmetic-Only Inference" (2017), arXiv:1712.05877, section 3.2). Dead taps and batch norm
gone, the outputs are the same, up to round-off.
"""

import copy

import torch
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from resnet_depth.latency.packed import can_be_packed, to_packed_form
from resnet_depth.networks.fast.form import to_fast_form
from resnet_depth.networks.resnet import ResNet, placed_convolutions


def deployed(network: ResNet, image_size: int, device: torch.device) -> ResNet:
    """Return the form of a trained network for use on a device; it can't be trained further.

    The one given, compact for images of `image_size` pixels a side, on the CPU and in evaluation
    mode, is left as it was.
    """
    folded = _without_batch_norm(network, image_size)
    if can_be_packed(device):
        return to_packed_form(folded, image_size)
    return to_fast_form(folded, image_size, device)


def _without_batch_norm(network: ResNet, image_size: int) -> ResNet:
    """Return a copy whose convolutions have taken over the batch norms behind them."""
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
