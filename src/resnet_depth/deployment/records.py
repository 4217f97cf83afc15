"""What a timing of inference leaves in JSON, as part of others' records."""

from resnet_depth.runs.records import Record


class BatchTimes(Record):
    """A form's inference times of one batch size, of all sessions.

    Each had `repeats` timed runs after `warmup` untimed ones. `session_medians` are those of every
    session, `counted` tells which count. The rest is of those: the median of their medians, images
    a second by it, percentiles over all of their runs, and the runs' `seconds`, in order.
    """

    batch_size: int
    warmup: int
    repeats: int
    session_medians: list[float]
    counted: list[bool]
    median_seconds: float
    p90_seconds: float
    p99_seconds: float
    images_per_second: float
    seconds: list[float]

    @property
    def medians(self) -> list[float]:
        """The medians of the sessions that count, at least one."""
        pairs = zip(self.session_medians, self.counted, strict=True)
        return [median for median, counts in pairs if counts]


class Timings(Record):
    """One image at a time, and many at once."""

    single: BatchTimes
    batched: BatchTimes
