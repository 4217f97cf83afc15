"""Layers that convolve by matrix products; see `convolution_products`."""

from typing import Any

from torch import Tensor, nn
from torch.autograd import Function
from torch.autograd.function import once_differentiable

from resnet_depth.networks.fast.convolution_plan import Pair
from resnet_depth.networks.fast.convolution_products import (
    Kept,
    convolve,
    gradient_by_maps,
    gradient_by_weight,
)


class _Convolution(Function):
    """A convolution of maps (n, inputs, height, width) by a weight (outputs, inputs, …).

    One function of maps and weight as they are, since each view outside costs as much as a small
    product.
    """

    @staticmethod
    def forward(ctx: Any, maps: Tensor, weight: Tensor, stride: Pair, padding: Pair) -> Tensor:
        """Return the outputs, shape (n, outputs, …)."""
        outputs, kept = convolve(maps, weight, stride, padding)
        ctx.save_for_backward(*kept[:3])
        ctx.rest = kept[3:]
        return outputs

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, Tensor | None, None, None]:
        """Return the gradients by maps and by weight."""
        kept = Kept(*ctx.saved_tensors, *ctx.rest)
        by_maps = gradient_by_maps(kept, gradient) if ctx.needs_input_grad[0] else None
        by_weight = gradient_by_weight(kept, gradient) if ctx.needs_input_grad[1] else None
        return by_maps, by_weight, None, None


class MatrixConvolution(nn.Conv2d):
    """A convolution without groups and dilation that is computed as matrix products."""

    @classmethod
    def of(cls, layer: nn.Conv2d) -> "MatrixConvolution":
        """Return the same convolution in this form; the weight is shared."""
        kernel, stride, padding = pairs_of(layer)
        form = cls(
            *(layer.in_channels, layer.out_channels, kernel, stride, padding),
            bias=False,
            device="meta",
        )
        form.weight, form.bias = layer.weight, layer.bias
        return form.train(layer.training)

    def forward(self, input: Tensor) -> Tensor:  # noqa: A002, the base class's name
        """Map (n, inputs, height, width) to (n, outputs, …), both channels last in memory."""
        _, stride, padding = pairs_of(self)
        outputs: Tensor = _Convolution.apply(input, self.weight, stride, padding)
        return outputs if self.bias is None else outputs + self.bias[:, None, None]


def pairs_of(layer: nn.Conv2d) -> tuple[Pair, Pair, Pair]:
    """Return kernel, stride and padding of a convolution, each as (height, width)."""
    assert not isinstance(layer.padding, str)
    kernel, stride, padding = (
        (int(pair[0]), int(pair[1])) for pair in (layer.kernel_size, layer.stride, layer.padding)
    )
    return kernel, stride, padding
