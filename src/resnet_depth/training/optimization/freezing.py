"""Parts of a network that training leaves as they are, from the image on."""

from torch import nn

from resnet_depth.networks.resnet import STAGES
from resnet_depth.training.settings import Freeze

# Up to where `freeze` names a part; the stem goes with the first stage.
PARTS = ("conv1", "bn1", *STAGES)
LAST: dict[Freeze, str] = {"all_but_fc": "layer4"}


def freeze_parts(network: nn.Module, freeze: Freeze) -> list[nn.Module]:
    """Let no gradient be computed for a part and all before it, and return them.

    Batch norm would still move its running statistics in training mode: whoever puts the network
    in that has to put these in evaluation mode.

    Args:
        network: A ResNet, in any form.
        freeze: The recipe's.
    """
    if freeze == "none":
        return []
    last = PARTS.index(LAST.get(freeze, freeze))
    frozen = [network.get_submodule(name) for name in PARTS[: last + 1]]
    for part in frozen:
        part.requires_grad_(False)
    return frozen
