"""Squares of pixels around places in images."""

import torch
from torch import Tensor

from resnet_depth.data.prepared import CHANNELS


def squares(centres: Tensor, sides: Tensor | int, size: tuple[int, int]) -> Tensor:
    """Return which pixels lie in each image's square: uint8, 1 or 0, shape (n, *size, 3).

    Each pixel's is told once a channel, and as a number: reckoning with it is several times as fast
    as choosing by booleans.

    Args:
        centres: Row and column of the pixel in the middle, or right and below of it, shape (2, n).
        sides: Pixels a side, shape (n,), or of all. What lies outside the image is cut off.
        size: Height and width of an image.
    """
    begins = centres - sides // 2
    ends = begins + sides
    rows, columns = (_between(begins[axis], ends[axis], size[axis]) for axis in (0, 1))
    columns = columns.repeat_interleave(CHANNELS, dim=1)
    return (rows[:, :, None] * columns[:, None, :]).view(-1, *size, CHANNELS)


def _between(begins: Tensor, ends: Tensor, length: int) -> Tensor:
    """Return 1 for places from each begin on and before its end, else 0: uint8, (n, length)."""
    places = torch.arange(length, device=begins.device)
    return ((places >= begins[:, None]) & (places < ends[:, None])).to(torch.uint8)
