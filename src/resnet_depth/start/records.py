"""What the stage `start` leaves in JSON."""

from typing import Self

from resnet_depth.base.sections import Digest
from resnet_depth.runs.records import Record
from resnet_depth.training.settings import FROM_SCRATCH


class StartRecord(Record):
    """`start.json`: what a training starts from.

    `weights` is the recipe's; the rest is None where that is `none`. `digest` is the SHA-256 of the
    file from outside; mean and std are those its network saw images by, as fractions of 255.
    """

    weights: str
    title: str | None = None
    digest: Digest | None = None
    channel_mean: tuple[float, float, float] | None = None
    channel_std: tuple[float, float, float] | None = None

    @classmethod
    def nothing(cls) -> Self:
        """Return the record of a training from scratch."""
        return cls(weights=FROM_SCRATCH)
