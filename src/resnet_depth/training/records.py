"""What a training leaves in JSON: its record, and apart what a clock said."""

from typing import Annotated, Any

from pydantic import Field

from resnet_depth.base.sections import Digest
from resnet_depth.machine.records import Clocked
from resnet_depth.networks.shape import NetworkShape, Stem
from resnet_depth.runs.records import Count, Fraction, Record, Seconds


class TrainingRecord(Record):
    """`train.json` of a run: what was trained, as far as it is the same wherever that is done.

    `channel_mean` and `channel_std` are those of the training part, as fractions of 255;
    `weights_title` and `weights_digest` are of the file it started from, None from scratch, and
    `made_anew` those layers that its shapes didn't fit; mean and std are then those of its network;
    `parameters` and `macs` (of one image) are counts, with `live_` of those that can meet a pixel;
    `initial_loss` is the first batch's before any step, in nats; `settings` are all of the
    recipe's.
    """

    dataset: str
    recipe: str
    network: str
    depth: int
    seed: int
    stem: Stem
    classes: Count
    image_size: Count
    epochs: Count
    steps: Count
    batch_size: Count
    train_images: Count
    validation_images: Count
    channel_mean: tuple[Fraction, Fraction, Fraction]
    channel_std: tuple[Fraction, Fraction, Fraction]
    parameters: Count
    live_parameters: Count
    macs: Count
    live_macs: Count
    weights_title: str | None
    weights_digest: Digest | None
    made_anew: tuple[str, ...]
    initial_loss: float
    settings: dict[str, Any]

    @property
    def shape(self) -> NetworkShape:
        """The shape of the network that was trained."""
        return NetworkShape(self.depth, self.classes, self.stem, self.image_size)


class DurationRecord(Clocked):
    """Durations of a run's training; images/s and seconds are of training alone.

    `code` is the digest of the modules that trained, see `code_digest`. It stands here and not in
    the training's own record, which is the same whatever the code that gave it was called.
    """

    train_seconds: Seconds
    epoch_seconds: list[Seconds]
    images_per_second: Annotated[float, Field(gt=0)]
    precision: str
    batch_size: Count
    code: str
