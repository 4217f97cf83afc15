"""Steps from a depth to a deeper one, tested: does a quantity grow?

A claim that it grows with depth is supported if every step from a depth to the next is, and
contradicted if one step is; else it is undecided. To demand all steps makes the claim's error no
larger than a single step's (an intersection-union test: R. L. Berger, Technometrics 24 (1982),
doi:10.2307/1267823), so that support needs no correction for the number of steps.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from resnet_depth.statistics import estimate_difference

Verdict = Literal["supported", "contradicted", "undecided"]

TEST = "Welch's t interval of the difference of means over seeds"


@dataclass(frozen=True)
class Step:
    """The deeper network's mean minus the shallower one's.

    `difference` is None if a depth has no value that counts; `low` and `high` are None without
    interval, and `obstacle` then says why. `n_first` and `n_second` are numbers of seeds.
    """

    first: int
    second: int
    n_first: int
    n_second: int
    difference: float | None
    low: float | None
    high: float | None
    verdict: Verdict
    obstacle: str | None


def compare(
    first: int,
    second: int,
    groups: dict[int, list[float]],
    confidence: float,
    too_few: str,
    obstacle: str | None = None,
) -> Step:
    """Return whether a quantity grows from one depth to another.

    Args:
        first: The shallower depth.
        second: The deeper one.
        groups: The values that count of each depth; a depth may have none.
        confidence: Of the interval, in (0, 1).
        too_few: Why nothing can be decided where a depth has fewer than two values.
        obstacle: Why nothing can be decided whatever the values, or None.
    """
    sizes = len(groups[first]), len(groups[second])
    if obstacle is None and min(sizes) < 2:
        obstacle = too_few
    if min(sizes) == 0:
        return Step(first, second, *sizes, None, None, None, "undecided", obstacle)
    found = estimate_difference(groups[first], groups[second], confidence)
    low, high = found.low, found.high
    if obstacle is None and low is None:
        obstacle = "the runs of a depth are equal in both, which tells no spread"
    if obstacle is not None or low is None or high is None:
        return Step(first, second, *sizes, found.difference, None, None, "undecided", obstacle)
    verdict: Verdict = "supported" if low > 0 else "contradicted" if high < 0 else "undecided"
    return Step(first, second, *sizes, found.difference, low, high, verdict, None)


def overall(steps: Sequence[Step]) -> Verdict:
    """Return the verdict on a claim from those on its steps; undecided without any."""
    verdicts = {step.verdict for step in steps}
    if "contradicted" in verdicts:
        return "contradicted"
    return "supported" if verdicts == {"supported"} else "undecided"
