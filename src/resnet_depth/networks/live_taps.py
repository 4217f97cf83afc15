"""Which taps of a network's convolutions can ever meet a pixel, from shapes alone.

A tap is one cell of a kernel's height × width. Where feature maps are small, many taps only ever
meet padding: on a 1×1 map the centre of a 3×3 kernel is the only one that sees the pixel. Such a
tap is dead: it multiplies zeros, so that it reaches no output, and its gradient is exactly zero.
The others are alive. Rows and columns are independent of each other, so that the live taps form
a rectangle, and one dimension is all there is to work out (`live_taps`).

A convolution that holds nothing but the live taps gives the same output, see `compaction`.
"""

import math
from dataclasses import dataclass

from resnet_depth.networks.resnet import PlacedConvolution, ResNet, placed_convolutions


@dataclass(frozen=True)
class LiveKernel:
    """A convolution's weight, and the part of it that is alive at one image size.

    Attributes:
        weight_shape: (output channels, input channels of a group, height, width).
        rows: Live taps along the height, never empty.
        columns: Live taps along the width, never empty.
    """

    weight_shape: tuple[int, int, int, int]
    rows: range
    columns: range

    @property
    def window(self) -> tuple[slice, slice, slice, slice]:
        """The index that cuts the live weights out of the whole weight."""
        rows, columns = (slice(taps.start, taps.stop) for taps in (self.rows, self.columns))
        return slice(None), slice(None), rows, columns

    @property
    def live_shape(self) -> tuple[int, int, int, int]:
        """The shape of what is cut out."""
        return *self.weight_shape[:2], len(self.rows), len(self.columns)

    @property
    def dead_weights(self) -> int:
        """How many numbers of the weight aren't alive."""
        return math.prod(self.weight_shape) - math.prod(self.live_shape)


def live_taps(size: int, kernel: int, stride: int, padding: int) -> range:
    """Return the taps of a convolution that meet a pixel at one position at least.

    At position q, in [0, last], tap i lies on pixel q · stride + i - padding. Tap i is too far
    left if even the last position leaves it before pixel 0, and too far right if even the first
    one puts it behind pixel size - 1.

    Args:
        size: Pixels of the input along this dimension, at least 1.
        kernel: Taps along it, at least 1.
        stride: At least 1.
        padding: Zeros at either end, in [0, kernel / 2].

    Returns:
        Consecutive tap indices within [0, kernel), at least one.

    Raises:
        ValueError: If a value is out of range, or the kernel larger than the padded input. With
            more padding the live taps need not be consecutive: of three taps with stride 2 and
            padding 2, a single pixel meets the first and the last.
    """
    if min(size, kernel, stride) < 1 or not 0 <= 2 * padding <= kernel:
        raise ValueError(
            "need size, kernel and stride of at least 1 and padding in [0, kernel / 2], "
            f"got size {size}, kernel {kernel}, stride {stride}, padding {padding}"
        )
    if kernel > size + 2 * padding:
        raise ValueError(f"a kernel of {kernel} doesn't fit into {size} + 2 · {padding} pixels")
    last_position = (size + 2 * padding - kernel) // stride
    return range(max(0, padding - last_position * stride), min(kernel, padding + size))


def live_kernels(network: ResNet, image_size: int) -> dict[str, LiveKernel]:
    """Return, by name, the live part of every convolution, in the order of computation.

    See `resnet.placed_convolutions` for the arguments.
    """
    return {place.name: live_kernel(place) for place in placed_convolutions(network, image_size)}


def live_kernel(place: PlacedConvolution) -> LiveKernel:
    """Return the live part of one convolution.

    Raises:
        ValueError: If it has dilation or another padding than by a number of zeros; see also
            `live_taps`.
    """
    layer, padding = place.layer, place.layer.padding
    if isinstance(padding, str) or layer.padding_mode != "zeros" or set(layer.dilation) != {1}:
        raise ValueError(
            f"{place.name}: need padding by a number of zeros and no dilation, got {layer}"
        )
    rows, columns = (
        live_taps(place.input_size, layer.kernel_size[i], layer.stride[i], padding[i])
        for i in (0, 1)
    )
    outputs, inputs, height, width = layer.weight.shape
    return LiveKernel((outputs, inputs, height, width), rows, columns)
