"""The form of a network that answers fastest on a CPU: what can be done once is done beforehand.

A convolution hands oneDNN its weights as they lie in memory, and oneDNN brings them into an order
of its own at every call, which for a single image takes longer than the products. Here they are
put into that order once, and bias, shortcut and ReLU are applied to outputs that are still in the
cache. PyTorch's compiler does the same with a frozen network, by the same operators
(`torch/_inductor/fx_passes/mkldnn_fusion.py`), but needs a C++ compiler where it runs.
"""

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from resnet_depth.networks.resnet import PlacedConvolution, ResNet, placed_convolutions

# On input maps of up to so many pixels a side a kernel is one matrix, from all pixels to outputs.
LARGEST_JOINED_MAP = 2
# What oneDNN's order of weights is best for. With one image, many take at most a tenth longer than
# with theirs; the other way round, one image takes up to three times as long.
IMAGES = 1


def can_be_packed(device: torch.device) -> bool:
    """Return whether there is a packed form for that device: torch needs oneDNN for it."""
    return device.type == "cpu" and torch.backends.mkldnn.is_available()


def to_packed_form(network: ResNet, image_size: int) -> ResNet:
    """Put a network into packed form, in place; it can't be trained or stored any more.

    It is on the CPU, without batch norm (all convolutions have a bias), for square images of
    `image_size` pixels a side.
    """
    stem, *places = placed_convolutions(network, image_size)
    blocks: dict[str, dict[str, PlacedConvolution]] = {}
    for place in places:
        stage, index, part = place.name.split(".", 2)
        blocks.setdefault(f"{stage}.{index}", {})[part] = place
    for name, parts in blocks.items():
        stage, index = name.split(".")
        getattr(network, stage)[int(index)] = PackedBlock(parts)
    network.add_module("conv1", _packed(stem, rectified=True))
    network.add_module("relu", nn.Identity())
    return network


class PackedBlock(nn.Module):
    """A residual block of packed layers."""

    def __init__(self, parts: Mapping[str, PlacedConvolution]) -> None:
        """Pack convolutions by name, `conv1`, … and maybe `downsample.0`, the branch's in order."""
        super().__init__()
        branch = [place for part, place in parts.items() if part.startswith("conv")]
        self.branch = nn.ModuleList(_packed(place, rectified=True) for place in branch)
        self.projection: PackedConvolution | PackedProduct | None = None
        if "downsample.0" in parts:
            self.projection = _packed(parts["downsample.0"], rectified=False)

    def forward(self, x: Tensor) -> Tensor:
        """Map (n, channels, h, w) to what the block it was made from maps it to."""
        shortcut = x if self.projection is None else self.projection(x)
        y = x
        for convolution in self.branch[:-1]:
            y = convolution(y)
        output: Tensor = self.branch[-1](y, shortcut)
        return output


class PackedConvolution(nn.Module):
    """A convolution with bias, its weights in oneDNN's order."""

    def __init__(self, place: PlacedConvolution, *, rectified: bool) -> None:
        """Pack a layer without groups and dilation, left as it was; ReLU may come behind it."""
        super().__init__()
        layer, side = place.layer, place.input_size
        assert layer.bias is not None
        self._geometry = (list(layer.padding), list(layer.stride), [1, 1], 1)
        self._bias = layer.bias.detach()
        self._activation = "relu" if rectified else "none"
        self._weight = torch.ops.mkldnn._reorder_convolution_weight(
            layer.weight.detach().contiguous(memory_format=torch.channels_last),
            *self._geometry,
            [IMAGES, layer.in_channels, side, side],
        )

    def forward(self, maps: Tensor, shortcut: Tensor | None = None) -> Tensor:
        """Convolve maps, add a shortcut if there is one, and rectify if that was asked for.

        Maps are (n, channels, h, w), a shortcut is shaped as the output; both channels last.
        """
        operands = (self._weight, self._bias, *self._geometry)
        operator = torch.ops.mkldnn._convolution_pointwise
        outputs: Tensor
        if shortcut is None:
            outputs = operator(maps, *operands, self._activation, [], "")
        else:
            outputs = operator.binary(
                maps, shortcut, *operands, "add", 1.0, self._activation, [], ""
            )
        return outputs


class PackedProduct(nn.Module):
    """A convolution with bias that is one product with a matrix, which is in oneDNN's order.

    A 1×1 kernel is that for each pixel, another one for the whole of a small map.
    """

    def __init__(self, place: PlacedConvolution, *, rectified: bool) -> None:
        """Pack a layer for which `is_product` holds; see `PackedConvolution`."""
        super().__init__()
        layer = place.layer
        assert layer.bias is not None
        self._by_pixel = layer.kernel_size == (1, 1)
        self._channels, self._side = layer.out_channels, place.output_size
        self._rectified = rectified
        matrix, self._bias = layer.weight.detach().flatten(1), layer.bias.detach()
        if not self._by_pixel:
            matrix = _matrix(layer, place.input_size)
            self._bias = self._bias.repeat(self._side**2)
        self._weight = torch.ops.mkldnn._reorder_linear_weight(matrix.contiguous(), IMAGES)

    @staticmethod
    def is_product(place: PlacedConvolution) -> bool:
        """Return whether a convolution is, or is faster as, one product."""
        if place.layer.kernel_size == (1, 1):
            return place.layer.stride == (1, 1)
        return place.input_size <= LARGEST_JOINED_MAP

    def forward(self, maps: Tensor, shortcut: Tensor | None = None) -> Tensor:
        """See `PackedConvolution.forward`."""
        operands = (self._weight, self._bias)
        operator = torch.ops.mkldnn._linear_pointwise
        result: Tensor
        if shortcut is None:
            activation = "relu" if self._rectified else "none"
            result = operator(self._rows(maps), *operands, activation, [], "")
        else:
            result = operator.binary(self._rows(maps), self._rows(shortcut), *operands, "add")
            if self._rectified:
                result.relu_()
        shape = (len(maps), self._side, self._side, self._channels)
        return result.view(shape).permute(0, 3, 1, 2)

    def _rows(self, maps: Tensor) -> Tensor:
        """Return maps (n, channels, h, w) as a matrix, a row for each pixel or for each image."""
        pixels = maps.permute(0, 2, 3, 1)
        return pixels.flatten(0, 2) if self._by_pixel else pixels.flatten(1)


def _packed(place: PlacedConvolution, *, rectified: bool) -> PackedConvolution | PackedProduct:
    if PackedProduct.is_product(place):
        return PackedProduct(place, rectified=rectified)
    return PackedConvolution(place, rectified=rectified)


@torch.no_grad()
def _matrix(layer: nn.Conv2d, side: int) -> Tensor:
    """Return a convolution, without its bias, as a matrix (positions · outputs, pixels · inputs).

    Its columns are the outputs for the unit vectors.
    """
    size = side**2 * layer.in_channels
    units = torch.eye(size).view(size, side, side, layer.in_channels).permute(0, 3, 1, 2)
    outputs = torch.conv2d(units, layer.weight, None, layer.stride, layer.padding)
    return outputs.permute(0, 2, 3, 1).reshape(size, -1).t()
