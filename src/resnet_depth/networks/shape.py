"""Which networks there are, and what fixes the shape of one; without torch, for who only reads."""

from dataclasses import dataclass
from typing import Literal

DEPTHS = (18, 34, 50, 101, 152)

Stem = Literal["imagenet", "half", "cifar"]


@dataclass(frozen=True)
class NetworkShape:
    """All that decides the shapes of a network's weights, and which of them are alive.

    Attributes:
        depth: Weighted layers, one of `DEPTHS`.
        classes: How many logits the network gives.
        stem: See `resnet.ResNet`.
        image_size: Side of the square images, in pixels; it decides what is alive alone.
    """

    depth: int
    classes: int
    stem: Stem
    image_size: int
