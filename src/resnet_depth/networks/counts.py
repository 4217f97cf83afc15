"""How much a network holds and computes, and how much of that is alive; from shapes alone."""

from dataclasses import dataclass

from resnet_depth.networks.compaction import compact
from resnet_depth.networks.resnet import (
    PlacedConvolution,
    ResNet,
    meta_network,
    placed_convolutions,
)
from resnet_depth.networks.shape import NetworkShape


@dataclass(frozen=True)
class Size:
    """A network's size and the work that one image's inference takes.

    Multiply-accumulate operations are those of convolutions and linear layers, taps on padding
    included, as is usual; normalisation, activation and pooling are left out.

    Attributes:
        parameters: Trainable numbers (running statistics aren't any).
        macs: Multiply-accumulate operations of one image's inference.
    """

    parameters: int
    macs: int


@dataclass(frozen=True)
class Counts:
    """The `Size` of the full network of a shape, and what of it is alive.

    A live tap counts at every position, even where it meets padding, as in the network that
    `compaction.compact` returns.

    Attributes:
        parameters: Trainable numbers.
        live_parameters: Those that can have an effect on an output.
        macs: Multiply-accumulate operations of one image's inference.
        live_macs: The same with live taps only.
    """

    parameters: int
    live_parameters: int
    macs: int
    live_macs: int


def size_of(network: ResNet, image_size: int) -> Size:
    """Return how much a network holds and computes as it is: full, compact or pruned."""
    work = sum(_macs(place) for place in placed_convolutions(network, image_size))
    return Size(
        parameters=sum(parameter.numel() for parameter in network.parameters()),
        macs=work + network.fc.weight.numel(),
    )


def count(shape: NetworkShape) -> Counts:
    """Return how much the network of a shape holds and computes."""
    full = meta_network(shape)
    whole = size_of(full, shape.image_size)
    alive = size_of(compact(full, shape.image_size), shape.image_size)
    return Counts(whole.parameters, alive.parameters, whole.macs, alive.macs)


def training_flops(shape: NetworkShape) -> int:
    """Return the floating-point operations of a training step, for one image.

    Counted are the products of convolutions and of the classifier, with live taps only, in the
    forward pass and by weights and inputs in the backward pass; the first layer needs none by its
    inputs. A multiply-accumulate counts as two.
    """
    network = compact(meta_network(shape), shape.image_size)
    first = next(placed_convolutions(network, shape.image_size))
    return 2 * (3 * size_of(network, shape.image_size).macs - _macs(first))


def _macs(place: PlacedConvolution) -> int:
    return place.output_size**2 * place.layer.weight.numel()
