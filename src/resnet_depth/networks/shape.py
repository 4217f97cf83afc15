"""Which networks there are, and what fixes the shape of one; without torch, for who only reads."""

from dataclasses import dataclass
from typing import Literal

# Of each depth: the kind of residual block, and how many of it the four stages have, as in table 1
# of He et al., "Deep Residual Learning for Image Recognition" (2015), arXiv:1512.03385.
BLOCKS: dict[int, tuple[Literal["basic", "bottleneck"], tuple[int, int, int, int]]] = {
    18: ("basic", (2, 2, 2, 2)),
    34: ("basic", (3, 4, 6, 3)),
    50: ("bottleneck", (3, 4, 6, 3)),
    101: ("bottleneck", (3, 4, 23, 3)),
    152: ("bottleneck", (3, 8, 36, 3)),
}
DEPTHS = tuple(BLOCKS)

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
