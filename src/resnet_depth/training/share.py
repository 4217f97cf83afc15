"""A share of the training images, for what depends on how many there are."""

import numpy as np

from resnet_depth.data.prepared import Part
from resnet_depth.training.seeding import Stream, epoch_generator


def share_of(part: Part, fraction: float, seed: int) -> Part:
    """Return a fraction of each class's images, at least one, in the order they had.

    They are drawn from the run's seed, so that the spread between seeds includes that of the draw.
    A smaller fraction's images are among a larger one's.

    Args:
        part: The training part.
        fraction: In (0, 1]; 1 is the part itself.
        seed: The run's, in [0, 2**32).
    """
    if fraction == 1:
        return part
    draw = epoch_generator(seed, Stream.SHARE, 0)
    kept = []
    for label in range(int(part.labels.max()) + 1):
        places = np.flatnonzero(part.labels == label)
        count = max(1, round(fraction * len(places)))
        kept.append(draw.permutation(places)[:count])
    chosen = np.sort(np.concatenate(kept))
    return Part(part.images[chosen], part.labels[chosen])
