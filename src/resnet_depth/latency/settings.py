"""Section `latency`: how the time of an inference is measured."""

from pydantic import Field

from resnet_depth.base.sections import Device, Section, Threads


class BatchTiming(Section):
    """One batch size, and how often it is run."""

    batch_size: int = Field(ge=1, le=65536, description="a whole number of images from 1 to 65536")
    warmup: int = Field(ge=0, le=100_000, description="a whole number of untimed runs, from 0")
    repeats: int = Field(ge=2, le=1_000_000, description="a whole number of timed runs, from 2")


class LatencySettings(Section):
    """Where inference is timed: one image at a time, and many at once."""

    device: Device
    threads: Threads
    single: BatchTiming
    batched: BatchTiming
