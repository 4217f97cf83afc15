"""A residual block as one step of autograd, in training: the same numbers with less in between.

Module by module, ResNet-50 takes 170 steps of autograd each way, and what happens around a step
costs as much as a small product. Here a block is one step whose parts call the same kernels in
the same order, hence give the same bits; gradients that nobody else reads are changed in place.
"""

from typing import Any, NamedTuple, cast

import torch
from torch import Tensor, nn
from torch.autograd import Function
from torch.autograd.function import once_differentiable

from resnet_depth.networks.fast.convolution import MatrixConvolution, pairs_of
from resnet_depth.networks.fast.convolution_products import (
    Kept,
    convolve,
    gradient_by_maps,
    gradient_by_weight,
)
from resnet_depth.networks.resnet import BasicBlock, Bottleneck


class _Unit(NamedTuple):
    """A convolution without bias and the batch norm behind it.

    Once the norm is folded into it, the convolution has a bias and the norm is nothing; such a
    network doesn't train.
    """

    convolution: nn.Conv2d
    norm: nn.BatchNorm2d

    def parameters(self) -> list[Tensor]:
        return [self.convolution.weight, self.norm.weight, self.norm.bias]

    def batches(self) -> Tensor:
        """Return how many batches the norm has seen; an integer."""
        assert self.norm.num_batches_tracked is not None
        return self.norm.num_batches_tracked


class _UnitState(NamedTuple):
    """What a unit's gradients are computed from.

    Attributes:
        convolved: Of a convolution by products what it keeps, else the maps and the weight.
        outputs: Of the convolution.
        mean: Of the batch, for each channel.
        inverse_deviation: Likewise.
    """

    convolved: Kept | tuple[Tensor, Tensor]
    outputs: Tensor
    mean: Tensor
    inverse_deviation: Tensor


class _Block(Function):
    """The sum of a branch of units and a shortcut, each unit but the last and the sum rectified."""

    @staticmethod
    def forward(
        ctx: Any, maps: Tensor, branch: list[_Unit], projection: _Unit | None, *_: Tensor
    ) -> Tensor:
        """Return the outputs; the last arguments are all units' parameters, for autograd to see."""
        activations, states, result = [], [], maps
        for unit in branch:
            result, state = _unit_forward(unit, result)
            states.append(state)
            if unit is not branch[-1]:
                activations.append(result.relu_())
        shortcut = maps
        if projection is not None:
            shortcut, state = _unit_forward(projection, maps)
            states.append(state)
        result.add_(shortcut).relu_()
        ctx.branch, ctx.projection = branch, projection
        ctx.activations, ctx.states = activations, states
        # An output kept in any other way would never be freed.
        ctx.save_for_backward(result)
        return result

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        """Return the gradients by the maps and by every unit's parameters."""
        (result,) = ctx.saved_tensors
        activations, states, branch = ctx.activations, ctx.states, ctx.branch
        ctx.activations = ctx.states = None
        at_sum: Tensor = torch.ops.aten.threshold_backward(gradient, result, 0)
        by_maps, by_parameters = at_sum, list[Tensor]()
        for index in reversed(range(len(branch))):
            if index < len(activations):
                torch.ops.aten.threshold_backward.grad_input(
                    *(by_maps, activations[index], 0), grad_input=by_maps
                )
            by_maps, found = _unit_backward(branch[index], states[index], by_maps)
            by_parameters = [*found, *by_parameters]
        if ctx.projection is None:
            by_maps.add_(at_sum)
        else:
            by_shortcut, found = _unit_backward(ctx.projection, states[-1], at_sum)
            by_maps.add_(by_shortcut)
            by_parameters += found
        return by_maps, None, None, *by_parameters


def _unit_forward(unit: _Unit, maps: Tensor) -> tuple[Tensor, _UnitState]:
    layer, norm = unit
    _, stride, padding = pairs_of(layer)
    convolved: Kept | tuple[Tensor, Tensor]
    if isinstance(layer, MatrixConvolution):
        outputs, convolved = convolve(maps, layer.weight, stride, padding)
    else:
        outputs = torch.conv2d(maps, layer.weight, None, stride, padding)
        convolved = (maps, layer.weight)
    momentum = norm.momentum
    assert momentum is not None
    normalised, mean, inverse_deviation = torch.native_batch_norm(
        *(outputs, norm.weight, norm.bias, norm.running_mean, norm.running_var),
        *(True, momentum, norm.eps),
    )
    return normalised, _UnitState(convolved, outputs, mean, inverse_deviation)


def _unit_backward(unit: _Unit, state: _UnitState, gradient: Tensor) -> tuple[Tensor, list[Tensor]]:
    """Return the gradient by the unit's maps and those by its parameters, in their order."""
    layer, norm = unit
    by_outputs, by_scale, by_shift = torch.ops.aten.native_batch_norm_backward(
        *(gradient, state.outputs, norm.weight, norm.running_mean, norm.running_var),
        *(state.mean, state.inverse_deviation, True, norm.eps, [True, True, True]),
    )
    if isinstance(state.convolved, Kept):
        by_maps = gradient_by_maps(state.convolved, by_outputs)
        by_weight = gradient_by_weight(state.convolved, by_outputs)
    else:
        _, stride, padding = pairs_of(layer)
        by_maps, by_weight, _ = torch.ops.aten.convolution_backward(
            *(by_outputs, *state.convolved, None, stride, padding, (1, 1), False, (0, 0), 1),
            [True, True, False],
        )
    return by_maps, [by_weight, by_scale, by_shift]


class FusedBlock(nn.Module):
    """A residual block that is one step of autograd while it trains."""

    def __init__(self, block: BasicBlock | Bottleneck) -> None:
        """Take over a block's layers, by their names; it is to be used no more."""
        super().__init__()
        for name, layer in block.named_children():
            self.add_module(name, layer)
        self._branch = [
            _Unit(getattr(self, f"conv{number}"), getattr(self, f"bn{number}"))
            for number in range(1, 4)
            if hasattr(self, f"conv{number}")
        ]
        self._projection = None
        if block.downsample is not None:
            self._projection = _Unit(*cast(Any, block.downsample.children()))
        self.train(block.training)

    def forward(self, x: Tensor) -> Tensor:
        """Map (n, channels, h, w) to what the block it was made from maps it to."""
        branch, projection = self._branch, self._projection
        if self.training:
            units = branch if projection is None else [*branch, projection]
            torch._foreach_add_([unit.batches() for unit in units], 1)
            parameters = [each for unit in units for each in unit.parameters()]
            trained: Tensor = _Block.apply(x, branch, projection, *parameters)
            return trained
        y = x
        for unit in branch:
            y = unit.norm(unit.convolution(y))
            if unit is not branch[-1]:
                y = y.relu_()
        shortcut = x if projection is None else projection.norm(projection.convolution(x))
        return y.add_(shortcut).relu_()
