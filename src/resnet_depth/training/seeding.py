"""All randomness of a run, from its one seed.

Each purpose has a stream of its own, derived from the seed with NumPy's SeedSequence, so that
drawing more of one (an augmentation switched on, say) leaves the others as they were. Networks of
one seed but different depths see the images in the same order, with the same augmentation; their
weights come from one stream too, but from other places of it, so that no layer starts the same.
"""

from enum import IntEnum

import numpy as np
import torch


class Stream(IntEnum):
    """What randomness is used for. A member's number is part of every result: never reuse one.

    2 was an earlier form of augmentation's.
    """

    INITIALISATION = 0
    ORDER = 1
    FLIP = 3
    CROP = 4
    CUTOUT = 5
    MIXING = 6
    TRIVIAL_AUGMENT = 7
    SHARE = 8
    PRUNING = 9


def stream_seed(seed: int, stream: Stream) -> int:
    """Return the seed, in [0, 2**63), of one stream of a run, whose own seed is in [0, 2**32).

    Raises:
        ValueError: If `seed` is out of range.
    """
    state = _sequence(seed, stream).generate_state(1, np.uint64)
    return int(state[0]) >> 1


def generator(seed: int, stream: Stream) -> torch.Generator:
    """Return a CPU generator at the start of one stream; see `stream_seed`."""
    return torch.Generator().manual_seed(stream_seed(seed, stream))


def epoch_generator(seed: int, stream: Stream, epoch: int) -> np.random.Generator:
    """Return the generator of one epoch, counted from 0, of a stream; see `stream_seed`.

    What is drawn from it doesn't depend on what other epochs drew, so that a run that goes on in
    another process needs no state of it.
    """
    return np.random.default_rng(_sequence(seed, stream, epoch))


def _sequence(seed: int, stream: Stream, *epoch: int) -> np.random.SeedSequence:
    if not 0 <= seed < 2**32:
        raise ValueError(f"seed must lie in [0, 2**32), got {seed}")
    # A spawn key: as a third entry, 0 would give what no entry gives.
    return np.random.SeedSequence([seed, int(stream)], spawn_key=epoch)
