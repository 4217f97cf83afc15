"""What the study claims of depth, before any evidence: hypotheses and the words for their numbers.

A claim here says that a quantity grows with depth; `findings` tests it.
"""

from collections.abc import Callable
from dataclasses import dataclass

from resnet_depth.wording import duration, duration_unit, interval_name, percent, points, signed


@dataclass(frozen=True)
class Claim:
    """A hypothesis that a quantity grows with depth, and how its values are put into words.

    `change` takes a difference and its interval's ends (None without) and words them.
    """

    number: int
    name: str
    hypothesis: str
    quantity: str
    unit: str
    noun: str
    value: Callable[[float], str]
    change: Callable[[float, float | None, float | None, float], str]


def _accuracy_change(
    difference: float, low: float | None, high: float | None, confidence: float
) -> str:
    """Word a difference of accuracies, given as fractions, in percentage points."""
    text = f"{points(difference)} points"
    if low is None or high is None:
        return text
    return f"{text} ({interval_name(confidence)} {points(low)} to {points(high)})"


def _duration_change(
    difference: float, low: float | None, high: float | None, confidence: float
) -> str:
    """Word a difference of durations, given in seconds."""
    length, unit = duration_unit(max(abs(value) for value in (difference, low or 0, high or 0)))
    places = 1 if abs(difference) >= length else 2
    text = f"{signed(difference / length, places)} {unit}"
    if low is None or high is None:
        return text
    ends = f"{signed(low / length, places)} to {signed(high / length, places)}"
    return f"{text} ({interval_name(confidence)} {ends})"


ACCURACY = Claim(
    number=1,
    name="deeper_is_more_accurate",
    hypothesis="Deeper networks are more accurate",
    quantity="test_accuracy",
    unit="fraction",
    noun="mean test accuracy",
    value=percent,
    change=_accuracy_change,
)
TRAINING_TIME = Claim(
    number=2,
    name="deeper_needs_more_training_time",
    hypothesis="Deeper networks need more training time",
    quantity="train_seconds",
    unit="seconds",
    noun="mean training time",
    value=duration,
    change=_duration_change,
)
