"""How much a network holds and computes, and how much of that is alive; from shapes alone."""

from dataclasses import dataclass

from resnet_depth.networks.live_taps import live_kernels
from resnet_depth.networks.resnet import meta_network
from resnet_depth.networks.shape import NetworkShape


@dataclass(frozen=True)
class Counts:
    """A network's size and the work that one image's inference takes.

    Multiply-accumulate operations are those of convolutions and linear layers, taps on padding
    included, as is usual; normalisation, activation and pooling are left out. A live tap counts at
    every position, even where it meets padding, as in the network that `compaction.compact`
    returns.

    Attributes:
        parameters: Trainable numbers (running statistics aren't any).
        live_parameters: Those that can have an effect on an output.
        macs: Multiply-accumulate operations of one image's inference.
        live_macs: The same with live taps only.
    """

    parameters: int
    live_parameters: int
    macs: int
    live_macs: int


def count(shape: NetworkShape) -> Counts:
    """Return how much a network of a shape holds and computes."""
    network = meta_network(shape)
    kernels = live_kernels(network, shape.image_size).values()
    parameters = sum(parameter.numel() for parameter in network.parameters())
    return Counts(
        parameters=parameters,
        live_parameters=parameters - sum(kernel.dead_weights for kernel in kernels),
        macs=sum(kernel.macs for kernel in kernels) + network.fc.weight.numel(),
        live_macs=sum(kernel.live_macs for kernel in kernels) + network.fc.weight.numel(),
    )


def training_flops(shape: NetworkShape) -> int:
    """Return the floating-point operations of a training step, for one image.

    Counted are the products of convolutions and of the classifier, with live taps only, in the
    forward pass and by weights and inputs in the backward pass; the first layer needs none by its
    inputs. A multiply-accumulate counts as two.
    """
    first = live_kernels(meta_network(shape), shape.image_size)["conv1"].live_macs
    return 2 * (3 * count(shape).live_macs - first)
