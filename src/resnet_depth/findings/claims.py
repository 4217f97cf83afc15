"""What is claimed of depth, before any evidence: hypotheses, and the words for their numbers.

The claims are those of a reference study (ResNet-18, 34 and 50 on CIFAR-10, 5 epochs, one seed);
`find` tests each on every dataset.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

from resnet_depth.evidence.costs import BUSY
from resnet_depth.evidence.wording import duration, duration_unit, percent, points, signed

Verdict = Literal["supported", "contradicted", "undecided"]
# What is said in place of «undecided» where a busy machine left nothing to judge by.
NOT_SHOWN = "not shown"
E_co = TypeVar("E_co", covariant=True)


@dataclass(frozen=True)
class Claim:
    """A hypothesis about depth, and by which test it is judged."""

    number: int
    name: str
    hypothesis: str
    test: str

    @property
    def clause(self) -> str:
        """The hypothesis as a part of a sentence."""
        plain = not self.hypothesis.startswith("ResNet")
        return self.hypothesis[0].lower() + self.hypothesis[1:] if plain else self.hypothesis

    def sentence(self, verdict: Verdict, reasons: str) -> str:
        """Return a verdict on the claim and its reasons as a sentence."""
        said = {
            "supported": self.hypothesis,
            "contradicted": f"It is not true that {self.clause}",
            "undecided": f"Whether {self.clause} is {shown('undecided', reasons)}",
        }
        return f"{said[verdict]}: {reasons}."


def shown(verdict: Verdict, reasons: str | None) -> str:
    """Return a verdict in the words that the page has for it, given what it rests on."""
    return NOT_SHOWN if reasons == BUSY else verdict


def _fraction_changes(differences: Sequence[float]) -> tuple[list[str], str]:
    """Write differences of fractions in percentage points."""
    return [points(difference) for difference in differences], "points"


def _duration_changes(differences: Sequence[float]) -> tuple[list[str], str]:
    """Write differences of durations, given in seconds, with the digits that the first asks for."""
    length, unit = duration_unit(max(map(abs, differences)))
    places = 1 if abs(differences[0]) >= length else 2
    return [signed(difference / length, places) for difference in differences], unit


@dataclass(frozen=True)
class Quantity:
    """What is measured of each depth, and how its values are put into words; else a fraction.

    `value` writes one, `changes` differences that stand together, with the unit of all.
    """

    name: str
    noun: str
    unit: str = "fraction"
    value: Callable[[float], str] = percent
    changes: Callable[[Sequence[float]], tuple[list[str], str]] = _fraction_changes


@dataclass(frozen=True)
class Finding(Generic[E_co]):
    """A claim with what the evidence says of it.

    `sentence` says it whole, `lines` one piece of `evidence` each.
    """

    claim: Claim
    verdict: Verdict
    sentence: str
    lines: tuple[str, ...]
    evidence: E_co

    @property
    def shown(self) -> str:
        """The verdict in the words that the page has for it."""
        return NOT_SHOWN if self.sentence.endswith(f"{BUSY}.") else self.verdict


def overall(parts: Iterable[Verdict]) -> Verdict:
    """Return the verdict on a claim that all of its parts have to support; undecided without any.

    One that is contradicted contradicts the whole.
    """
    verdicts = set(parts)
    if "contradicted" in verdicts:
        return "contradicted"
    return "supported" if verdicts == {"supported"} else "undecided"


MORE_ACCURATE = Claim(
    1,
    "deeper_is_more_accurate",
    "Deeper networks are more accurate",
    "t interval of the difference of means over seeds and test images (Satterthwaite)",
)
MORE_TIME = Claim(
    2,
    "deeper_needs_more_training_time",
    "Deeper networks need more training time",
    "Welch's t interval of the difference of means over seeds",
)
GOOD_BALANCE = Claim(
    3,
    "resnet34_is_a_good_balance",
    "ResNet-34 is a good balance of accuracy and training efficiency",
    "not dominated by another depth, and delta method with Satterthwaite's t interval of the "
    "difference of gains per extra minute",
)
SLOWER_THEN_HIGHER = Claim(
    4,
    "deeper_converges_slower_and_ends_higher",
    "Deeper networks converge more slowly at first and end higher",
    "Welch's t interval over seeds of the difference, beyond the margin, at each step",
)

TEST_ACCURACY = Quantity("test_accuracy", "mean test accuracy")
TRAIN_SECONDS = Quantity(
    "train_seconds", "mean training time", "seconds", duration, _duration_changes
)
FIRST_EPOCH_ERROR = Quantity(
    "validation_error_after_first_epoch", "mean validation error after the first epoch"
)
LAST_EPOCH_ACCURACY = Quantity(
    "validation_accuracy_after_last_epoch", "mean validation accuracy after the last epoch"
)
