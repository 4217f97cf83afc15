"""Convolutions on small maps as matrix products, which leave out what only meets padding.

On maps of 1×1 or 2×2 pixels a library's convolution spends most of its time on bringing weights
into its own order, and it multiplies padding. Here every output position is a sum of matrix
products, one for each row of the kernel that meets pixels, on slices of the input and of the
weights as they lie in memory (channels last): nothing is copied, and padding takes no part. The
sums are those of the convolution, up to the order of their terms.

A 1×1 convolution is one product whatever the map, a kernel as large as its map likewise.
"""

from dataclasses import dataclass
from functools import cache
from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd import Function
from torch.autograd.function import once_differentiable

Pair = tuple[int, int]


@dataclass(frozen=True)
class Product:
    """A part of one output position: neighbouring pixels times the taps that lie on them.

    Attributes:
        position: Index of the output position, row by row.
        pixels: Of the flattened input map.
        taps: Of the flattened kernel; as many.
        first: Whether it is the first one of its position.
    """

    position: int
    pixels: slice
    taps: slice
    first: bool


@cache
def products(size: Pair, kernel: Pair, stride: Pair, padding: Pair) -> tuple[Product, ...]:
    """Return the products that make up a convolution; pairs are (height, width).

    Args:
        size: Of the input, in pixels.
        kernel: In taps.
        stride: In pixels.
        padding: In pixels, at each end; every output position meets a pixel.
    """
    found = []
    rows, columns = output_size(size, kernel, stride, padding)
    for row in range(rows):
        for column in range(columns):
            top, left = row * stride[0] - padding[0], column * stride[1] - padding[1]
            start, stop = max(left, 0), min(left + kernel[1], size[1])
            lines = range(max(top, 0), min(top + kernel[0], size[0]))
            # Rows met from end to end, by taps from end to end, follow each other in memory.
            joined = stop - start == size[1] == kernel[1]
            for line in lines[:1] if joined else lines:
                pixel, tap = line * size[1] + start, (line - top) * kernel[1] + start - left
                count = (stop - start) * (len(lines) if joined else 1)
                found.append(
                    Product(
                        position=row * columns + column,
                        pixels=slice(pixel, pixel + count),
                        taps=slice(tap, tap + count),
                        first=line == lines[0],
                    )
                )
    return tuple(found)


def output_size(size: Pair, kernel: Pair, stride: Pair, padding: Pair) -> Pair:
    """Return height and width of a convolution's output."""
    height, width = ((size[i] + 2 * padding[i] - kernel[i]) // stride[i] + 1 for i in range(2))
    return height, width


def _columns(matrix: Tensor, cells: slice, channels: int) -> Tensor:
    """Return the columns of some pixels, taps or positions in a matrix; a view."""
    return matrix.narrow(1, cells.start * channels, (cells.stop - cells.start) * channels)


class _SumOfProducts(Function):
    """The convolution of images (n, pixels · inputs) by weights (outputs, taps · inputs)."""

    @staticmethod
    def forward(
        ctx: Any, images: Tensor, weights: Tensor, inputs: int, plan: tuple[Product, ...]
    ) -> Tensor:
        """Return the outputs, shape (n, positions · outputs)."""
        ctx.save_for_backward(images, weights)
        ctx.inputs, ctx.plan = inputs, plan
        outputs = len(weights)
        result = images.new_empty(len(images), (1 + plan[-1].position) * outputs)
        for part in plan:
            target = result.narrow(1, part.position * outputs, outputs)
            pixels = _columns(images, part.pixels, inputs)
            taps = _columns(weights, part.taps, inputs).t()
            if part.first:
                torch.mm(pixels, taps, out=target)
            else:
                target.addmm_(pixels, taps)
        return result

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, Tensor | None, None, None]:
        """Return the gradients by images and by weights."""
        images, weights = ctx.saved_tensors
        outputs, gradient = len(weights), gradient.contiguous()
        by_images = torch.zeros_like(images) if ctx.needs_input_grad[0] else None
        by_weights = torch.zeros_like(weights) if ctx.needs_input_grad[1] else None
        for part in ctx.plan:
            source = gradient.narrow(1, part.position * outputs, outputs)
            if by_images is not None:
                taps = _columns(weights, part.taps, ctx.inputs)
                _columns(by_images, part.pixels, ctx.inputs).addmm_(source, taps)
            if by_weights is not None:
                pixels = _columns(images, part.pixels, ctx.inputs)
                _columns(by_weights, part.taps, ctx.inputs).addmm_(source.t(), pixels)
        return by_images, by_weights, None, None


def _product(left: Tensor, right: Tensor) -> Tensor:
    """Return left (n, k) times the transpose of right (m, k), both without gaps in memory."""
    if torch.backends.mkldnn.is_available() and left.dtype == torch.float32:
        # Up to a quarter faster than torch.mm on some processors, as fast on others; this is
        # what torch's own compiler emits for a linear layer.
        result: Tensor = torch.ops.mkldnn._linear_pointwise(left, right, None, "none", [], "")
        return result
    return left @ right.t()


class _Product(Function):
    """One product of all images (n, k) and the weights (outputs, k)."""

    @staticmethod
    def forward(ctx: Any, images: Tensor, weights: Tensor) -> Tensor:
        """Return the outputs, shape (n, outputs)."""
        ctx.save_for_backward(images, weights)
        return _product(images, weights)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, Tensor | None]:
        """Return the gradients by images and by weights."""
        images, weights = ctx.saved_tensors
        gradient = gradient.contiguous()
        return (
            _product(gradient, weights.t()) if ctx.needs_input_grad[0] else None,
            gradient.t() @ images if ctx.needs_input_grad[1] else None,
        )


class MatrixConvolution(nn.Conv2d):
    """A convolution without bias, groups and dilation that is computed as matrix products."""

    @classmethod
    def of(cls, layer: nn.Conv2d) -> "MatrixConvolution":
        """Return the same convolution in this form; the weight is shared."""
        kernel, stride, padding = _pairs(layer)
        form = cls(
            *(layer.in_channels, layer.out_channels, kernel, stride, padding),
            bias=False,
            device="meta",
        )
        form.weight = layer.weight
        return form.train(layer.training)

    def forward(self, input: Tensor) -> Tensor:  # noqa: A002, the base class's name
        """Map (n, inputs, height, width) to (n, outputs, …), both channels last in memory."""
        kernel, stride, padding = _pairs(self)
        count, inputs, height, width = input.shape
        rows, columns = output_size((height, width), kernel, stride, padding)
        images = input.permute(0, 2, 3, 1)
        weights = self.weight.permute(0, 2, 3, 1).reshape(self.out_channels, -1)
        if kernel == (1, 1):
            # Positions don't mix: they are rows of one product.
            pixels = images[:, :: stride[0], :: stride[1]].reshape(-1, inputs)
            result = _Product.apply(pixels, weights)
        else:
            plan = products((height, width), kernel, stride, padding)
            images = images.reshape(count, -1)
            if len(plan) == 1 and images.shape[1] == weights.shape[1]:
                result = _Product.apply(images, weights)
            else:
                result = _SumOfProducts.apply(images, weights, inputs, plan)
        outputs: Tensor = result.view(count, rows, columns, self.out_channels).permute(0, 3, 1, 2)
        return outputs


def _pairs(layer: nn.Conv2d) -> tuple[Pair, Pair, Pair]:
    """Return kernel, stride and padding of a convolution, each as (height, width)."""
    assert not isinstance(layer.padding, str)
    kernel, stride, padding = (
        (int(pair[0]), int(pair[1])) for pair in (layer.kernel_size, layer.stride, layer.padding)
    )
    return kernel, stride, padding
