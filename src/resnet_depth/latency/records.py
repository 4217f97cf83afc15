"""What a timing of inference leaves in JSON."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from resnet_depth.machine.records import Clocked
from resnet_depth.runs.names import Network, network_name
from resnet_depth.runs.records import Count, Fraction, Magnitude, Record, Seconds


def deployed_as_onnx(device: str) -> bool:
    """Return whether what is deployed on such a device, as `cpu`, is an ONNX file; else torch's."""
    return device == "cpu"


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


class InferenceRecord(Clocked):
    """Of whose inference the times are, and which of them count.

    `deployed_by` is what runs the deployed forms, with its version. Sessions count by the `plain`
    network's medians, within `band` of theirs.
    """

    image_size: Count
    dtype: str
    deployed_by: str
    band: Fraction
    plain: Timings


class LatencyRecord(InferenceRecord):
    """Inference times of one depth, of the plain network and of the deployed forms.

    `int8` is the one in 8-bit integers, where the device has it. `largest_output_difference` is
    that of the plain and the deployed network's logits on a batch, and `largest_output` the largest
    logit's size among them.
    """

    deployed: Timings
    int8: Timings | None
    largest_output_difference: Magnitude
    largest_output: Magnitude


class LevelTimings(Record):
    """Inference times of what pruning left at one level, see `Level`, in the deployed form."""

    kind: str
    chosen_by: str
    share: Fraction
    timings: Timings


class PrunedLatencyRecord(InferenceRecord):
    """Inference times of a pruned network, a member a level but for what chance chose.

    All were taken in turns, in the same sessions. The plain network is the exact level's, its dead
    taps put back.
    """

    levels: list[LevelTimings]


# Not in `runs`, where another name would train every network again.
def pruned_latency_file(depth: int) -> str:
    """Return the name, inside data/latency/<dataset>/, of the file of a depth's pruned networks."""
    return f"{network_name(depth)}-pruned.json"


def pruned_latency_instance(dataset: str, network: Network) -> str:
    """Return the name of the instance that times a depth's, such as `pruned_latency@digits-18`."""
    return f"pruned_latency@{dataset}-{network.depth}"
