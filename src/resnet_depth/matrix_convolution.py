"""Convolutions on small maps as matrix products, which leave out what only meets padding.

On maps of 1×1 or 2×2 pixels a library's convolution spends most of its time on bringing weights
into its own order, and it multiplies padding. Here every output position is a sum of matrix
products, one for each row of the kernel that meets pixels, on slices of the input and of the
weights as they lie in memory (channels last): nothing is copied, and padding takes no part. The
sums are those of the convolution, up to the order of their terms.

A 1×1 convolution is one product whatever the map, a kernel as large as its map likewise. Where
every position meets every pixel, as with 3×3 taps on 2×2 pixels, one product with the weights
spread out to a full matrix is faster than its parts.
"""

from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd import Function
from torch.autograd.function import once_differentiable

from resnet_depth.convolution_plan import Pair, Plan, Product, output_size, plan_of


def _columns(matrix: Tensor, cells: slice, channels: int) -> Tensor:
    """Return the columns of some pixels, taps or positions in a matrix; a view."""
    return matrix.narrow(1, cells.start * channels, (cells.stop - cells.start) * channels)


def _operands(
    part: Product, images: Tensor, weights: Tensor, results: Tensor, inputs: int
) -> tuple[Tensor, Tensor, Tensor]:
    """Return views of what a product reads and writes: pixels, taps and results.

    Args:
        part: The product.
        images: Or their gradient, shape (n, pixels · inputs).
        weights: Or their gradient, shape (outputs, taps · inputs).
        results: Or their gradient, shape (n, positions · outputs).
        inputs: Channels of the images.
    """
    repeated = len(images) * part.repeats
    position = slice(part.position, part.position + 1)
    return (
        _columns(images.view(repeated, -1), part.pixels, inputs),
        _columns(weights, part.taps, inputs),
        _columns(results.view(repeated, -1), position, len(weights)),
    )


def _add_weight_gradient(
    total: Tensor, images: Tensor, gradient: Tensor, inputs: int, plan: Plan
) -> None:
    """Add the gradient by the weights to `total`; the other arguments as in `_operands`."""
    for part in plan.products:
        pixels, taps, source = _operands(part, images, total, gradient, inputs)
        taps.addmm_(source.t(), pixels)


class _SumOfProducts(Function):
    """The convolution of images (n, pixels · inputs) by weights (outputs, taps · inputs)."""

    @staticmethod
    def forward(ctx: Any, images: Tensor, weights: Tensor, inputs: int, plan: Plan) -> Tensor:
        """Return the outputs, shape (n, positions · outputs)."""
        ctx.save_for_backward(images, weights)
        ctx.inputs, ctx.plan = inputs, plan
        result = images.new_empty(len(images), plan.positions * len(weights))
        for part in plan.products:
            pixels, taps, target = _operands(part, images, weights, result, inputs)
            if part.first:
                torch.mm(pixels, taps.t(), out=target)
            else:
                target.addmm_(pixels, taps.t())
        return result

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, Tensor | None, None, None]:
        """Return the gradients by images and by weights."""
        images, weights = ctx.saved_tensors
        gradient = gradient.contiguous()
        by_images = by_weights = None
        if ctx.needs_input_grad[0]:
            by_images = torch.zeros_like(images)
            for part in ctx.plan.products:
                target, taps, source = _operands(part, by_images, weights, gradient, ctx.inputs)
                target.addmm_(source, taps)
        if ctx.needs_input_grad[1]:
            by_weights = torch.zeros_like(weights)
            _add_weight_gradient(by_weights, images, gradient, ctx.inputs, ctx.plan)
        return by_images, by_weights, None, None


class _FullProduct(Function):
    """As `_SumOfProducts`, where every output position meets every pixel."""

    @staticmethod
    def forward(ctx: Any, images: Tensor, weights: Tensor, inputs: int, plan: Plan) -> Tensor:
        """Return the outputs, shape (n, positions · outputs)."""
        full = _spread_out(weights, inputs, plan)
        ctx.save_for_backward(images, weights, full)
        ctx.inputs, ctx.plan = inputs, plan
        return _product(images, full)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, Tensor | None, None, None]:
        """Return the gradients by images and by weights."""
        images, weights, full = ctx.saved_tensors
        gradient = gradient.contiguous()
        by_weights = None
        if ctx.needs_input_grad[1]:
            by_weights = torch.zeros_like(weights)
            _add_weight_gradient(by_weights, images, gradient, ctx.inputs, ctx.plan)
        by_images = _product(gradient, full.t()) if ctx.needs_input_grad[0] else None
        return by_images, by_weights, None, None


def _spread_out(weights: Tensor, inputs: int, plan: Plan) -> Tensor:
    """Return weights for every pair of position and pixel: (positions · outputs, pixels · inputs).

    Args:
        weights: Shape (outputs, taps · inputs).
        inputs: Channels of the images.
        plan: Of a convolution whose positions meet every pixel.
    """
    full = weights.new_empty(plan.positions, len(weights), plan.pixels * inputs)
    for part in plan.products:
        taps = _columns(weights, part.taps, inputs)
        for repeat in range(part.repeats):
            position = part.position + repeat * plan.positions // part.repeats
            start = part.pixels.start + repeat * plan.pixels // part.repeats
            pixels = slice(start, start + part.pixels.stop - part.pixels.start)
            _columns(full[position], pixels, inputs).copy_(taps)
    return full.view(plan.positions * len(weights), -1)


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
            plan = plan_of((height, width), kernel, stride, padding)
            images = images.reshape(count, -1)
            if len(plan.products) == plan.positions == 1 and images.shape[1] == weights.shape[1]:
                result = _Product.apply(images, weights)
            else:
                form = _FullProduct if plan.is_full else _SumOfProducts
                result = form.apply(images, weights, inputs, plan)
        outputs: Tensor
        if rows == columns == 1:
            # A single pixel's layout is a matter of strides. These are the ones that gradients
            # come with: batch norm is twenty times as slow where the two differ.
            outputs = result.view(count, self.out_channels, 1, 1)
        else:
            outputs = result.view(count, rows, columns, self.out_channels).permute(0, 3, 1, 2)
        return outputs


def _pairs(layer: nn.Conv2d) -> tuple[Pair, Pair, Pair]:
    """Return kernel, stride and padding of a convolution, each as (height, width)."""
    assert not isinstance(layer.padding, str)
    kernel, stride, padding = (
        (int(pair[0]), int(pair[1])) for pair in (layer.kernel_size, layer.stride, layer.padding)
    )
    return kernel, stride, padding
