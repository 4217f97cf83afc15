"""What a timing of inference leaves in JSON, as part of others' records."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from resnet_depth.runs.records import Count, Record, Seconds


class BatchTimes(Record):
    """A form's inference times of one batch size, of all sessions.

    Each had `repeats` timed runs after `warmup` untimed ones. `session_medians` are those of every
    session, `counted` tells which count. The rest is of those: the median of their medians, images
    a second by it, percentiles over all of their runs, and the runs' `seconds`, in order.
    """

    batch_size: Count
    warmup: Count
    repeats: Count
    session_medians: list[Seconds]
    counted: list[bool]
    median_seconds: Seconds
    p90_seconds: Seconds
    p99_seconds: Seconds
    images_per_second: Annotated[float, Field(gt=0)]
    seconds: list[Seconds]

    @model_validator(mode="after")
    def _adds_up(self) -> Self:
        """See that each session is told to count or not, and that one at least does."""
        if len(self.counted) != len(self.session_medians) or not any(self.counted):
            raise ValueError(f"of {len(self.session_medians)} sessions {self.counted} count")
        return self

    @property
    def medians(self) -> list[float]:
        """The medians of the sessions that count, at least one."""
        pairs = zip(self.session_medians, self.counted, strict=True)
        return [median for median, counts in pairs if counts]


class Timings(Record):
    """One image at a time, and many at once."""

    single: BatchTimes
    batched: BatchTimes
