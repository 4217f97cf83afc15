"""All randomness of a run, from its one seed.

Each purpose has a stream of its own, derived from the seed with NumPy's SeedSequence, so that
drawing more of one (an augmentation switched on, say) leaves the others as they were. Networks of
one seed but different depths see the images in the same order, with the same augmentation; their
weights come from one stream too, but from other places of it, so that no layer starts the same.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum

import numpy as np
import torch


class Stream(IntEnum):
    """What randomness is used for. A member's number is part of every result: never reuse one."""

    INITIALISATION = 0
    ORDER = 1
    AUGMENTATION = 2


def stream_seed(seed: int, stream: Stream) -> int:
    """Return the seed, in [0, 2**63), of one stream of a run.

    Args:
        seed: The run's seed, in [0, 2**32).
        stream: What the numbers are for.

    Raises:
        ValueError: If `seed` is out of range.
    """
    if not 0 <= seed < 2**32:
        raise ValueError(f"seed must lie in [0, 2**32), got {seed}")
    state = np.random.SeedSequence([seed, int(stream)]).generate_state(1, np.uint64)
    return int(state[0]) >> 1


def generator(seed: int, stream: Stream) -> torch.Generator:
    """Return a CPU generator at the start of one stream; see `stream_seed`."""
    return torch.Generator().manual_seed(stream_seed(seed, stream))


@contextmanager
def initialisation(seed: int) -> Iterator[None]:
    """Seed torch's global CPU generator for building a network; restore it afterwards.

    A network draws its weights from the global generator, as torchvision's do.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(stream_seed(seed, Stream.INITIALISATION))
        yield
