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

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from resnet_depth.networks.fast.convolution_plan import Pair, Plan, Product, output_size, plan_of
from resnet_depth.networks.fast.matrix_products import add_product, product, product_over_rows


def _columns(matrix: Tensor, cells: slice, channels: int) -> Tensor:
    """Return the columns of some pixels, taps or positions in a matrix; a view."""
    return matrix.narrow(1, cells.start * channels, (cells.stop - cells.start) * channels)


def _operands(
    part: Product, images: Tensor, weights: Tensor, results: Tensor, inputs: int
) -> tuple[Tensor, Tensor, Tensor]:
    """Return views of what a product reads and writes: pixels, taps and results.

    Given are images (n, pixels · inputs), weights (outputs, taps · inputs) and results
    (n, positions · outputs), or their gradients.
    """
    repeated = len(images) * part.repeats
    position = slice(part.position, part.position + 1)
    return (
        _columns(images.view(repeated, -1), part.pixels, inputs),
        _columns(weights, part.taps, inputs),
        _columns(results.view(repeated, -1), position, len(weights)),
    )


def _sum_of_products(images: Tensor, weights: Tensor, inputs: int, plan: Plan) -> Tensor:
    """Return the outputs, shape (n, positions · outputs); the arguments as in `_operands`."""
    result = images.new_empty(len(images), plan.positions * len(weights))
    for part in plan.products:
        pixels, taps, target = _operands(part, images, weights, result, inputs)
        add_product(target, pixels, taps, first=part.first)
    return result


def _image_gradient(
    images: Tensor, weights: Tensor, gradient: Tensor, inputs: int, plan: Plan
) -> Tensor:
    """Return the gradient by the images; the arguments as in `_operands`."""
    total = torch.zeros_like(images)
    for part in plan.products:
        pixels, taps, source = _operands(part, total, weights, gradient, inputs)
        add_product(pixels, source, taps.t(), first=False)
    return total


def _weight_gradient(
    images: Tensor, weights: Tensor, gradient: Tensor, inputs: int, plan: Plan
) -> Tensor:
    """Return the gradient by the weights; the arguments as in `_operands`."""
    total = torch.zeros_like(weights)
    met: dict[tuple[int, int], list[tuple[Tensor, Tensor, Tensor]]] = {}
    for part in plan.products:
        operands = _operands(part, images, total, gradient, inputs)
        met.setdefault((part.taps.start, part.taps.stop), []).append(operands)
    for operands_of_taps in met.values():
        # One long sum over all that the same taps meet, rather than several short ones.
        pixels, taps, source = zip(*operands_of_taps, strict=True)
        taps[0].add_(product_over_rows(torch.cat(source), torch.cat(pixels)))
    return total


def _spread_out(weights: Tensor, inputs: int, plan: Plan) -> Tensor:
    """Return weights for every pair of position and pixel: (positions · outputs, pixels · inputs).

    Given are weights (outputs, taps · inputs) of a convolution whose positions meet every pixel.
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


class Kept(NamedTuple):
    """What the gradients of a convolution by products are computed from.

    Attributes:
        images: The maps as a matrix, shape (n, pixels · inputs).
        weights: The weight as a matrix, shape (outputs, taps · inputs).
        factor: What the images were multiplied by: the weights, as they are or spread out.
        shape: Of the maps.
        kernel: Height and width, in taps.
        stride: Likewise, in pixels.
        plan: The products, or None where it was one with the weights as they are.
    """

    images: Tensor
    weights: Tensor
    factor: Tensor
    shape: torch.Size
    kernel: Pair
    stride: Pair
    plan: Plan | None


def convolve(maps: Tensor, weight: Tensor, stride: Pair, padding: Pair) -> tuple[Tensor, Kept]:
    """Convolve by products, unseen by autograd.

    Args:
        maps: Shape (n, inputs, height, width); fastest with channels last.
        weight: Shape (outputs, inputs, kernel height, kernel width), likewise.
        stride: (height, width), in pixels.
        padding: Likewise, at each end; every output position meets a pixel.

    Returns:
        The outputs, shape (n, outputs, …), channels last; and what its gradients need.
    """
    count, inputs, height, width = maps.shape
    outputs, kernel = len(weight), (weight.shape[2], weight.shape[3])
    rows, columns = output_size((height, width), kernel, stride, padding)
    images = maps.permute(0, 2, 3, 1)
    weights = weight.permute(0, 2, 3, 1).reshape(outputs, -1)
    plan = None
    if kernel == (1, 1):
        # Positions don't mix: they are rows of one product.
        if stride != (1, 1):
            images = images[:, :: stride[0], :: stride[1]]
        images = images.reshape(-1, inputs)
    else:
        plan = plan_of((height, width), kernel, stride, padding)
        images = images.reshape(count, -1)
        if plan.is_single and images.shape[1] == weights.shape[1]:
            plan = None
    factor = weights
    if plan is not None and plan.is_full:
        factor = _spread_out(weights, inputs, plan)
    if plan is None or plan.is_full:
        result = product(images, factor)
    else:
        result = _sum_of_products(images, weights, inputs, plan)
    kept = Kept(images, weights, factor, maps.shape, kernel, stride, plan)
    return _as_maps(result, (count, outputs, rows, columns)), kept


def gradient_by_maps(kept: Kept, gradient: Tensor) -> Tensor:
    """Return the gradient by the maps of `convolve`, given the one by its outputs."""
    images, weights, factor, shape, kernel, stride, plan = kept
    source = _as_matrix(gradient, kept)
    if plan is None or plan.is_full:
        by_images = product(source, factor.t())
    else:
        by_images = _image_gradient(images, weights, source, shape[1], plan)
    return _unstrided(by_images, shape, kernel, stride)


def gradient_by_weight(kept: Kept, gradient: Tensor) -> Tensor:
    """Return the gradient by the weight of `convolve`, given the one by its outputs."""
    images, weights, _, shape, kernel, _, plan = kept
    source = _as_matrix(gradient, kept)
    if plan is None:
        pixels = len(images) // shape[0]
        by_weights = product_over_rows(source, images, pixels)
    else:
        by_weights = _weight_gradient(images, weights, source, shape[1], plan)
    return by_weights.view(len(weights), *kernel, shape[1]).permute(0, 3, 1, 2)


def _as_matrix(gradient: Tensor, kept: Kept) -> Tensor:
    """Return the gradient by the outputs with as many rows as the images have."""
    return gradient.permute(0, 2, 3, 1).reshape(len(kept.images), -1)


def _as_maps(matrix: Tensor, shape: Sequence[int]) -> Tensor:
    """Return (n, height · width · channels) as (n, channels, height, width), channels last."""
    count, channels, height, width = shape
    if height == width == 1:
        # A single pixel's layout is a matter of strides. These are the ones that other gradients
        # come with: batch norm is twenty times as slow where the two differ.
        return matrix.view(count, channels, 1, 1)
    return matrix.view(count, height, width, channels).permute(0, 3, 1, 2)


def _unstrided(by_images: Tensor, shape: Sequence[int], kernel: Pair, stride: Pair) -> Tensor:
    """Return the gradient by maps of that shape, of what a strided 1×1 kernel took from them."""
    count, channels, height, width = shape
    if kernel != (1, 1) or stride == (1, 1):
        return _as_maps(by_images, shape)
    whole = by_images.new_zeros(count, height, width, channels)
    taken = whole[:, :: stride[0], :: stride[1]]
    taken.copy_(by_images.view(taken.shape))
    return whole.permute(0, 3, 1, 2)
