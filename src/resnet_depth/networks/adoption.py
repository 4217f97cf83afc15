"""Taking over another training's weights: whole layers, or none of a layer."""

from collections.abc import Mapping

import torch
from torch import Tensor

from resnet_depth.base.errors import UserError
from resnet_depth.networks.live_taps import live_kernels
from resnet_depth.networks.resnet import ResNet

# Another stem or number of classes is what a network can differ in and still take over the rest.
REPLACEABLE = ("conv1", "fc")


@torch.no_grad()
def adopt(
    network: ResNet, tensors: Mapping[str, Tensor], image_size: int, title: str
) -> tuple[str, ...]:
    """Copy weights and running statistics into a full network.

    Of a convolution they may be whole, as torchvision's are, or the live taps alone (see
    `compaction`); dead taps then keep the network's values, which no output shows. The number of
    batches that norms have seen may be missing, as in files of before 2018; nothing else.

    Args:
        network: Changed in place. On the meta device it is only seen whether they fit.
        tensors: By torchvision's names.
        image_size: Of the images the network is for; it decides which taps are alive.
        title: What they are called in errors.

    Returns:
        Those of `REPLACEABLE` whose shapes don't fit, which are left as they were.

    Raises:
        UserError: If anything else is missing, too much, or of another shape.
    """
    targets, kernels = network.state_dict(), live_kernels(network, image_size)
    if unknown := [name for name in tensors if name not in targets]:
        raise UserError(f"{title}: has {unknown[0]}, which the network hasn't; get its own weights")
    windows: dict[str, Tensor] = {}
    anew = []
    for name, target in targets.items():
        layer, _, kind = name.rpartition(".")
        if name not in tensors:
            if kind == "num_batches_tracked":
                continue
            raise UserError(f"{title}: lacks {name}; get weights of the whole network")
        found = tensors[name].shape
        if found == target.shape:
            windows[name] = target
        elif layer in kernels and found == kernels[layer].live_shape:
            windows[name] = target[kernels[layer].window]
        elif layer in REPLACEABLE:
            anew.append(layer)
        else:
            raise UserError(
                f"{title}: {name} has the shape {list(found)}, the network's is "
                f"{list(target.shape)}; get weights of that depth"
            )
    for name, window in windows.items():
        if name.rpartition(".")[0] not in anew:
            window.copy_(tensors[name])
    return tuple(dict.fromkeys(anew))
