"""Setting single weights to zero: the smallest of the whole network, whichever layer they are in.

Han et al., "Learning both Weights and Connections for Efficient Neural Networks" (2015),
arXiv:1506.02626. It tells how few weights carry the function. No file gets smaller and no answer
comes sooner by it: zeros are stored and multiplied like other numbers.
"""

import torch
from torch import nn
from torch.nn.utils import prune

from resnet_depth.networks.resnet import ResNet


def prune_weights(network: ResNet, share: float) -> None:
    """Set a share of all weights of convolutions and of the classifier to zero, in place."""
    layers = [
        (layer, "weight") for layer in network.modules() if isinstance(layer, nn.Conv2d | nn.Linear)
    ]
    prune.global_unstructured(layers, prune.L1Unstructured, amount=share)
    for layer, name in layers:
        prune.remove(layer, name)


class Zeros:
    """The weights that are zero in a network, to be kept so while it is trained."""

    def __init__(self, network: nn.Module) -> None:
        """Remember them; the weights stay where they are in memory ever after."""
        self._weights = [each.detach() for each in network.parameters() if each.dim() >= 2]
        self._masks = [(weight != 0).to(weight.dtype) for weight in self._weights]

    def restore(self) -> None:
        """Set to zero what was."""
        torch._foreach_mul_(self._weights, self._masks)
