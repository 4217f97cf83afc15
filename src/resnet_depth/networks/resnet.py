"""The residual network itself, equal to torchvision's in every module, weight and name.

Architecture: He et al., "Deep Residual Learning for Image Recognition" (2015),
arXiv:1512.03385, in torchvision's variant (`torchvision/models/resnet.py`, BSD-3-Clause), which
puts the stride of a bottleneck on its 3×3 convolution ("ResNet v1.5"; no other difference).

Defined here because importing torchvision doubles the start-up time and adds a quarter to the
memory of every process; a test compares all depths with torchvision's, weight by weight.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from resnet_depth.networks.shape import BLOCKS, NetworkShape, Stem


class BasicBlock(nn.Module):
    """Two 3×3 convolutions beside a shortcut; the block of ResNet-18 and 34."""

    expansion = 1

    def __init__(
        self, channels: int, width: int, stride: int, downsample: nn.Module | None
    ) -> None:
        """Make the block; `downsample` projects the shortcut of an output of another shape."""
        super().__init__()
        self.conv1 = nn.Conv2d(channels, width, 3, stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.relu = nn.ReLU(inplace=True)
        self.conv2 = nn.Conv2d(width, width, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.downsample = downsample

    def forward(self, x: Tensor) -> Tensor:
        """Map (n, channels, h, w) to (n, width, h / stride, w / stride)."""
        y = self.relu(self.bn1(self.conv1(x)))
        y = self.bn2(self.conv2(y))
        shortcut: Tensor = x if self.downsample is None else self.downsample(x)
        output: Tensor = self.relu(y.add_(shortcut))
        return output


class Bottleneck(nn.Module):
    """A 3×3 convolution between two 1×1 ones beside a shortcut; the block from ResNet-50 on."""

    expansion = 4

    def __init__(
        self, channels: int, width: int, stride: int, downsample: nn.Module | None
    ) -> None:
        """Make the block; `downsample` projects the shortcut of an output of another shape."""
        super().__init__()
        self.conv1 = nn.Conv2d(channels, width, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, stride, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.conv3 = nn.Conv2d(width, width * self.expansion, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(width * self.expansion)
        self.relu = nn.ReLU(inplace=True)
        self.downsample = downsample

    def forward(self, x: Tensor) -> Tensor:
        """Map (n, channels, h, w) to (n, 4 · width, h / stride, w / stride)."""
        y = self.relu(self.bn1(self.conv1(x)))
        y = self.relu(self.bn2(self.conv2(y)))
        y = self.bn3(self.conv3(y))
        shortcut: Tensor = x if self.downsample is None else self.downsample(x)
        output: Tensor = self.relu(y.add_(shortcut))
        return output


KINDS: dict[str, type[BasicBlock | Bottleneck]] = {"basic": BasicBlock, "bottleneck": Bottleneck}
STAGES = ("layer1", "layer2", "layer3", "layer4")


class ResNet(nn.Module):
    """Stem, four stages of residual blocks, average pooling and a linear classifier."""

    def __init__(self, depth: int, classes: int, stem: Stem) -> None:
        """Make the network with weights drawn from torch's global generator.

        The draws are torchvision's in number and order, so that (with the ImageNet stem) the same
        generator gives the same network as there.

        Args:
            depth: One of `shape.DEPTHS`.
            classes: How many logits `fc` gives.
            stem: `imagenet` is torchvision's own (7×7 stride 2, then a max-pool of stride 2),
                `half` a 3×3 convolution of stride 2 without pool, `cifar` one of stride 1 without
                pool, so that stage 1 sees a quarter, a half and the whole of the image's side.

        Raises:
            ValueError: If there is no network of that depth.
        """
        super().__init__()
        if depth not in BLOCKS:
            raise ValueError(f"depth must be one of {list(BLOCKS)}, got {depth}")
        kind, blocks = BLOCKS[depth]
        block = KINDS[kind]
        side, stride = (7, 2) if stem == "imagenet" else (3, 2 if stem == "half" else 1)
        self.conv1 = nn.Conv2d(3, 64, side, stride, padding=side // 2, bias=False)
        self.bn1 = nn.BatchNorm2d(64)
        self.relu = nn.ReLU(inplace=True)
        self.maxpool = nn.MaxPool2d(3, stride=2, padding=1) if stem == "imagenet" else nn.Identity()
        self.layer1 = _stage(block, 64, 64, blocks[0], 1)
        self.layer2 = _stage(block, 64 * block.expansion, 128, blocks[1], 2)
        self.layer3 = _stage(block, 128 * block.expansion, 256, blocks[2], 2)
        self.layer4 = _stage(block, 256 * block.expansion, 512, blocks[3], 2)
        self.avgpool = nn.AdaptiveAvgPool2d((1, 1))
        self.fc = nn.Linear(512 * block.expansion, classes)
        for layer in self.modules():
            # On the meta device there is nothing to draw, and trying imports a compiler.
            if isinstance(layer, nn.Conv2d) and not layer.weight.is_meta:
                nn.init.kaiming_normal_(layer.weight, mode="fan_out", nonlinearity="relu")

    def forward(self, x: Tensor) -> Tensor:
        """Return logits, shape (n, classes), of images, shape (n, 3, height, width)."""
        x = self.maxpool(self.relu(self.bn1(self.conv1(x))))
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        return self.fc(self.avgpool(x).flatten(1))  # type: ignore[no-any-return]


def meta_network(shape: NetworkShape) -> ResNet:
    """Return the full network of a shape on the meta device: names and shapes, no numbers."""
    with torch.device("meta"):
        return ResNet(shape.depth, shape.classes, shape.stem)


def _stage(
    block: type[BasicBlock | Bottleneck], channels: int, width: int, blocks: int, stride: int
) -> nn.Sequential:
    """Return a stage's blocks; the first has the stride, and a projection if it needs one."""
    out = width * block.expansion
    downsample = None
    if stride != 1 or channels != out:
        downsample = nn.Sequential(
            nn.Conv2d(channels, out, 1, stride, bias=False), nn.BatchNorm2d(out)
        )
    first = block(channels, width, stride, downsample)
    return nn.Sequential(first, *(block(out, width, 1, None) for _ in range(1, blocks)))


@dataclass(frozen=True)
class PlacedConvolution:
    """A convolution of a network and the sides, in pixels, of the maps it reads and writes."""

    name: str
    layer: nn.Conv2d
    input_size: int
    output_size: int


def placed_convolutions(network: ResNet, image_size: int) -> Iterator[PlacedConvolution]:
    """Yield every convolution with its place, for square images of `image_size` pixels a side.

    It is found by arithmetic on shapes alone: the network may be on the meta device.
    """
    size = _side(network.conv1, image_size)
    yield PlacedConvolution("conv1", network.conv1, image_size, size)
    if isinstance(network.maxpool, nn.MaxPool2d):
        size = _side(network.maxpool, size)
    for stage in STAGES:
        for index, block in enumerate(getattr(network, stage)):
            name, inner = f"{stage}.{index}", size
            for part in ("conv1", "conv2", "conv3")[: 3 if block.expansion > 1 else 2]:
                layer, before = getattr(block, part), inner
                inner = _side(layer, before)
                yield PlacedConvolution(f"{name}.{part}", layer, before, inner)
            if block.downsample is not None:
                yield PlacedConvolution(f"{name}.downsample.0", block.downsample[0], size, inner)
            size = inner


def _side(layer: nn.Conv2d | nn.MaxPool2d, size: int) -> int:
    """Return the side of a layer's output; its kernel, stride and padding are square."""
    kernel, stride, padding = (
        value if isinstance(value, int) else int(value[0])
        for value in (layer.kernel_size, layer.stride, layer.padding)
    )
    return (size + 2 * padding - kernel) // stride + 1
