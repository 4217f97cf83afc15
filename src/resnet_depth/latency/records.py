"""What a timing of inference leaves in JSON."""

from resnet_depth.machine.environment import Clocked
from resnet_depth.runs.records import Record


class BatchTimes(Record):
    """Inference times of one batch size, of `repeats` timed runs after `warmup` untimed ones.

    `seconds` are those of every timed run, in order.
    """

    batch_size: int
    warmup: int
    repeats: int
    median_seconds: float
    p90_seconds: float
    p99_seconds: float
    images_per_second: float
    seconds: list[float]


class Timings(Record):
    """One image at a time, and many at once."""

    single: BatchTimes
    batched: BatchTimes


class LatencyRecord(Clocked):
    """Inference times of one depth, of the plain network and of the deployed form.

    `largest_output_difference` is that of the two forms' logits on `compared_images` images, and
    `largest_output` the largest logit's size among them.
    """

    image_size: int
    dtype: str
    plain: Timings
    deployed: Timings
    compared_images: int
    largest_output_difference: float
    largest_output: float
