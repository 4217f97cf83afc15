"""The networks: torchvision's ResNets, with a stem that suits small images if asked for.

Architecture: He et al., "Deep Residual Learning for Image Recognition" (2015),
arXiv:1512.03385, in torchvision's variant, which puts the stride of a bottleneck on its 3×3
convolution ("ResNet v1.5"; no other difference).
"""

from collections.abc import Callable

import torch
from torch import nn
from torchvision.models import resnet

from resnet_depth.seeding import initialisation
from resnet_depth.settings.models import Stem

_BUILDERS: dict[int, Callable[..., resnet.ResNet]] = {
    18: resnet.resnet18,
    34: resnet.resnet34,
    50: resnet.resnet50,
    101: resnet.resnet101,
    152: resnet.resnet152,
}


def build_network(depth: int, classes: int, stem: Stem) -> resnet.ResNet:
    """Return an untrained network whose weights are drawn from torch's global generator.

    Args:
        depth: 18, 34, 50, 101 or 152.
        classes: How many logits `fc` gives.
        stem: `imagenet` is torchvision's own (7×7 stride 2, then a max-pool of stride 2),
            `half` a 3×3 convolution of stride 2 without pool, `cifar` one of stride 1 without
            pool, so that stage 1 sees a quarter, a half and the whole of the image's side.

    Raises:
        ValueError: If there is no network of that depth.
    """
    if depth not in _BUILDERS:
        raise ValueError(f"depth must be one of {list(_BUILDERS)}, got {depth}")
    network = _BUILDERS[depth](weights=None, num_classes=classes)
    if stem != "imagenet":
        stride = 2 if stem == "half" else 1
        network.conv1 = nn.Conv2d(3, 64, kernel_size=3, stride=stride, padding=1, bias=False)
        # As torchvision initialises every convolution.
        nn.init.kaiming_normal_(network.conv1.weight, mode="fan_out", nonlinearity="relu")
        network.maxpool = nn.Identity()
    return network


def initial_network(depth: int, classes: int, stem: Stem, seed: int) -> resnet.ResNet:
    """Return an untrained network whose weights depend on nothing but the arguments.

    Args:
        depth: 18, 34, 50, 101 or 152.
        classes: How many logits it gives.
        stem: See `build_network`.
        seed: The run's seed, in [0, 2**32).
    """
    with initialisation(seed):
        return build_network(depth, classes, stem)


def count_parameters(network: nn.Module) -> int:
    """Return how many trainable numbers the network holds (running statistics aren't any)."""
    return sum(parameter.numel() for parameter in network.parameters())


def count_macs(depth: int, classes: int, stem: Stem, image_size: int) -> int:
    """Return the multiply-accumulate operations of one image's inference.

    Counted are convolutions and linear layers, taps on padding included, as is usual;
    normalisation, activation and pooling are left out. Derived from shapes: nothing is computed.

    Args:
        depth: 18, 34, 50, 101 or 152.
        classes: How many logits the network gives.
        stem: See `build_network`.
        image_size: Side of the square image, in pixels.
    """
    macs = 0

    def count(layer: nn.Module, _: tuple[torch.Tensor, ...], output: torch.Tensor) -> None:
        nonlocal macs
        if isinstance(layer, nn.Conv2d):
            fan_in = layer.weight[0].numel()
            macs += output.numel() * fan_in
        elif isinstance(layer, nn.Linear):
            macs += output.numel() * layer.in_features

    with torch.device("meta"):
        network = build_network(depth, classes, stem).eval()
        for layer in network.modules():
            layer.register_forward_hook(count)
        network(torch.empty(1, 3, image_size, image_size))
    return macs
