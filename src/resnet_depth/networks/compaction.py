"""Networks without dead taps: the same function and the same training, in less memory and time.

At a given image size a dead tap only ever meets padding (see `live_taps`), so a convolution
without it has the same output. Training is the same too, up to round-off: the gradient of a dead
tap is exactly zero, and no other gradient depends on its value. Adam's update is elementwise, so
dropping entries whose gradient is always zero changes no other weight; the same holds for SGD,
with momentum or without. With weight decay the full network's dead taps would decay, and nothing
else would differ: no live weight depends on them. (That is of elementwise updates. One that looks
at a whole tensor's gradient, such as clipping by norm, sees zeros less, so nothing either; one
that looks at the weights themselves, such as LARS, would differ.)

A compact network is right for the image size it was made for, and for no other.
"""

import copy
from collections.abc import Mapping

from torch import Tensor, nn

from resnet_depth.networks.live_taps import LiveKernel, live_kernel, live_kernels
from resnet_depth.networks.resnet import ResNet, meta_network, placed_convolutions
from resnet_depth.networks.shape import NetworkShape


def compact(network: ResNet, image_size: int) -> ResNet:
    """Return a copy of a full network whose convolutions hold the live taps only.

    Names of modules and tensors are the same, values are copied, no random number is drawn; the
    given network is left as it was. Of a network on the meta device the copy is there as well: a
    form to load a compact state dict into, with `assign=True`.

    Returns:
        A network with equal outputs, up to round-off, for images of shape
        (n, 3, image_size, image_size). Others it takes without complaint and gets wrong.
    """
    # What is in a deep copy's memo counts as copied, so that the full weights never are.
    memo: dict[int, object] = {}
    for place in placed_convolutions(network, image_size):
        memo[id(place.layer)] = compact_convolution(place.layer, live_kernel(place))
    return copy.deepcopy(network, memo)


def compact_convolution(layer: nn.Conv2d, kernel: LiveKernel) -> nn.Conv2d:
    """Return the convolution with the live taps, for inputs of the size they were found for.

    Tap i of the cut is tap i + first of the whole, so that with less padding by `first` each lies
    on the same pixels as before. A cut that isn't symmetric needs no other padding at the far
    end: the difference is less than what the last step leaves over, so that there are as many
    positions as before.

    Args:
        layer: Padded with zeros, without dilation; left as it was.
        kernel: Of this layer.
    """
    padding = layer.padding
    assert not isinstance(padding, str)
    compacted = nn.Conv2d(
        layer.in_channels,
        layer.out_channels,
        (len(kernel.rows), len(kernel.columns)),
        (layer.stride[0], layer.stride[1]),
        (padding[0] - kernel.rows.start, padding[1] - kernel.columns.start),
        groups=layer.groups,
        bias=layer.bias is not None,
        device="meta",
    )
    live = layer.weight.detach()[kernel.window].clone()
    compacted.weight = nn.Parameter(live, layer.weight.requires_grad)
    if layer.bias is not None:
        compacted.bias = nn.Parameter(layer.bias.detach().clone(), layer.bias.requires_grad)
    return compacted.train(layer.training)


def expand(state: Mapping[str, Tensor], shape: NetworkShape) -> dict[str, Tensor]:
    """Return the full network's state dict, with dead taps zero, of a compact one's.

    The full network (with the ImageNet stem also torchvision's own) gives the same outputs for
    images of that size, up to round-off.

    Args:
        state: Of a network as `compact` returns it.
        shape: Of the network; it was compacted for its image size.

    Returns:
        The same names in the same order. Tensors that had no dead taps are the given ones.

    Raises:
        ValueError: If a convolution is missing, or its shape isn't that network's at that size.
    """
    full = dict(state)
    for name, kernel in live_kernels(meta_network(shape), shape.image_size).items():
        key = f"{name}.weight"
        found = list(state[key].shape) if key in state else "none"
        if found != (needed := list(kernel.live_shape)):
            raise ValueError(f"{key}: need the shape {needed}, got {found}")
        if kernel.dead_weights:
            full[key] = state[key].new_zeros(kernel.weight_shape)
            full[key][kernel.window] = state[key]
    return full


def expanded(network: nn.Module, shape: NetworkShape) -> ResNet:
    """Return the full network of a compact one; all else is as with `expand`."""
    full = meta_network(shape)
    full.load_state_dict(expand(network.state_dict(), shape), assign=True)
    return full.train(network.training)
