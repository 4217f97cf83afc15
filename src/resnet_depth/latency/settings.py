"""Section `latency`: where and how the time of an inference is measured."""

from pydantic import Field

from resnet_depth.base.sections import Device, Section, Threads


class BatchTiming(Section):
    """One batch size, and how often it is run in each session."""

    batch_size: int = Field(ge=1, le=65536, description="a whole number of images from 1 to 65536")
    warmup: int = Field(ge=0, le=100_000, description="a whole number of untimed runs, from 0")
    repeats: int = Field(ge=2, le=1_000_000, description="a whole number of timed runs, from 2")


class LatencySettings(Section):
    """Where inference is timed, how often, and which of the sessions count."""

    device: Device
    threads: Threads
    sessions: int = Field(ge=1, le=100, description="a whole number of sessions from 1 to 100")
    pause: float = Field(
        ge=0, le=3600, strict=False, description="a number of seconds from 0 to 3600"
    )
    band: float = Field(
        gt=0,
        le=1,
        strict=False,
        description="a number above 0, at most 1: how far the plain network's median may lie from "
        "the sessions', as a share of it",
    )
    single: BatchTiming
    batched: BatchTiming
