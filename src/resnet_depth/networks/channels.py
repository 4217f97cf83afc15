"""How many channels a network's layers have: as many as its depth says, or fewer once pruned."""

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from resnet_depth.networks.resnet import STAGES, BasicBlock, Bottleneck, ResNet


def take_channels(network: ResNet, tensors: Mapping[str, Tensor]) -> None:
    """Give a network on the meta device as many channels as stored weights have.

    What a convolution puts out is read from its own weight, what it takes in from the layer before
    it, and both ends of a shortcut are one. So weights that don't fit together don't fit the
    network either, and `load_state_dict` says which.

    Args:
        network: Full or compact; changed in place.
        tensors: By the network's names; where a convolution's is missing it keeps its channels.
    """
    channels = _outputs("conv1", network.conv1, tensors)
    _resize(network.conv1, network.bn1, network.conv1.in_channels, channels)
    for stage in STAGES:
        for index, block in enumerate(getattr(network, stage)):
            channels = _resize_block(f"{stage}.{index}", block, channels, tensors)
    network.fc.in_features = channels
    network.fc.weight = _empty(network.fc.weight, network.fc.out_features, channels)


def _resize_block(
    name: str, block: BasicBlock | Bottleneck, channels: int, tensors: Mapping[str, Tensor]
) -> int:
    """Resize a block whose maps have so many channels; return how many its outputs have."""
    inner, numbers = channels, (1, 2, 3) if isinstance(block, Bottleneck) else (1, 2)
    for number in numbers:
        layer, norm = getattr(block, f"conv{number}"), getattr(block, f"bn{number}")
        joins = number == numbers[-1] and block.downsample is None
        outputs = channels if joins else _outputs(f"{name}.conv{number}", layer, tensors)
        _resize(layer, norm, inner, outputs)
        inner = outputs
    if isinstance(block.downsample, nn.Sequential):
        projection, norm = block.downsample
        assert isinstance(projection, nn.Conv2d)
        assert isinstance(norm, nn.BatchNorm2d)
        _resize(projection, norm, channels, inner)
    return inner


def _outputs(name: str, layer: nn.Conv2d, tensors: Mapping[str, Tensor]) -> int:
    weight = tensors.get(f"{name}.weight")
    found = 0 if weight is None or not weight.dim() else len(weight)
    return found or layer.out_channels


def _resize(layer: nn.Conv2d, norm: nn.BatchNorm2d, inputs: int, outputs: int) -> None:
    layer.in_channels, layer.out_channels, norm.num_features = inputs, outputs, outputs
    layer.weight = _empty(layer.weight, outputs, inputs, *layer.weight.shape[2:])
    norm.weight, norm.bias = _empty(norm.weight, outputs), _empty(norm.bias, outputs)
    for buffer in ("running_mean", "running_var"):
        setattr(norm, buffer, torch.empty(outputs, device="meta"))


def _empty(parameter: Tensor, *shape: int) -> nn.Parameter:
    return nn.Parameter(parameter.new_empty(shape, device="meta"))
