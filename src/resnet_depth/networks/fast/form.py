"""The form of a network that computes fastest on a device: the same numbers, up to round-off."""

import torch
from torch import Tensor

from resnet_depth.networks.fast.block import FusedBlock
from resnet_depth.networks.fast.convolution import MatrixConvolution
from resnet_depth.networks.resnet import (
    BasicBlock,
    Bottleneck,
    PlacedConvolution,
    ResNet,
    placed_convolutions,
)

# On larger output maps, products for each position are slower than a library's convolution.
LARGEST_MAP = 2


def layout(device: torch.device) -> torch.memory_format:
    """Return the order in memory of images and weights that is fastest on a device."""
    return torch.contiguous_format if device.type == "mps" else torch.channels_last


def to_fast_form(network: ResNet, image_size: int, device: torch.device) -> ResNet:
    """Put a network on the device, in the layout and with the convolutions that are fastest there.

    It may be full or compact, for square images of `image_size` pixels a side, and is changed in
    place; names and values of its tensors stay.
    """
    # mypy: the stubs of nn.Module.to know the layout only together with a tensor.
    network.to(device, memory_format=layout(device))  # type: ignore[call-overload]
    if device.type == "cpu":
        for place in list(placed_convolutions(network, image_size)):
            if _suits_products(place):
                parent, _, name = place.name.rpartition(".")
                setattr(network.get_submodule(parent), name, MatrixConvolution.of(place.layer))
        for stage in (network.layer1, network.layer2, network.layer3, network.layer4):
            for index, block in enumerate(stage):
                assert isinstance(block, BasicBlock | Bottleneck)
                stage[index] = FusedBlock(block)
    return network


def in_memory_order(tensor: Tensor) -> Tensor:
    """Return a contiguous view, its dimensions in the order of memory.

    The tensor is contiguous already, or has four dimensions with channels last.
    """
    if tensor.dim() == 4 and not tensor.is_contiguous():
        return tensor.permute(0, 2, 3, 1)
    return tensor


def _suits_products(place: PlacedConvolution) -> bool:
    return place.layer.kernel_size == (1, 1) or place.output_size <= LARGEST_MAP
