"""Every pair of depths, tested: is a quantity larger by more than a margin at the deeper one?

A claim that it grows with depth is supported if every step from a depth to the next is, and
contradicted if one step is; else it is undecided. To demand all steps makes the claim's error no
larger than a single step's (an intersection-union test: R. L. Berger, Technometrics 24 (1982),
doi:10.2307/1267823), so that support needs no correction for the number of steps. To contradict
it one step is enough, which more pairs make likelier by chance: there the p value is corrected
(Holm) for the number of all pairs.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations, pairwise
from typing import Literal

from resnet_depth.evidence.contrasts import DepthMeans
from resnet_depth.evidence.hypotheses import holm

Verdict = Literal["supported", "contradicted", "undecided"]

NO_SPREAD = "the runs of a depth are equal in both, which tells no spread"
# Of the number of seeds that would settle a pair: how likely they shall do so.
POWER = 0.8


@dataclass(frozen=True)
class Pair:
    """The deeper network's mean minus the shallower one's.

    `difference` is None if a depth has no value that counts; `low`, `high` and the p values are
    None without interval, and `obstacle` then says why. `n_first` and `n_second` are numbers of
    runs; `runs_needed` is how many a depth would likely settle an undecided pair, None where it
    is settled or where that can't be said.
    """

    first: int
    second: int
    n_first: int
    n_second: int
    difference: float | None = None
    low: float | None = None
    high: float | None = None
    p_value: float | None = None
    holm_p_value: float | None = None
    verdict: Verdict = "undecided"
    runs_needed: int | None = None
    obstacle: str | None = None


def compare_all(
    means: DepthMeans,
    confidence: float,
    too_few: str,
    obstacle: str | None = None,
    margin: float = 0.0,
) -> list[Pair]:
    """Return for every pair of depths whether the deeper one's mean is larger.

    Args:
        means: Of the quantity, by ascending depth.
        confidence: Of the intervals, in (0, 1).
        too_few: Why nothing can be decided where a depth has fewer than two values.
        obstacle: Why nothing can be decided whatever the values, or None.
        margin: How much larger it has to be, in the quantity's unit, ≥ 0.

    Returns:
        Pairs by first, then by second depth. p values are of the hypothesis that the difference
        is the margin.
    """
    pairs = [
        _pair(means, first, second, confidence, too_few, obstacle, margin)
        for first, second in combinations(means.runs, 2)
    ]
    tested = [place for place, pair in enumerate(pairs) if pair.p_value is not None]
    corrected = holm([p for pair in pairs if (p := pair.p_value) is not None])
    for place, p_value in zip(tested, corrected, strict=True):
        pairs[place] = _decide(pairs[place], p_value, len(tested), means, confidence, margin)
    return pairs


def steps_of(pairs: Sequence[Pair]) -> tuple[Pair, ...]:
    """Return the pairs of neighbouring depths, ascending."""
    depths = sorted({depth for pair in pairs for depth in (pair.first, pair.second)})
    by_ends = {(pair.first, pair.second): pair for pair in pairs}
    return tuple(by_ends[ends] for ends in pairwise(depths))


def overall(steps: Sequence[Pair]) -> Verdict:
    """Return the verdict on a claim from those on its steps; undecided without any."""
    verdicts = {step.verdict for step in steps}
    if "contradicted" in verdicts:
        return "contradicted"
    return "supported" if verdicts == {"supported"} else "undecided"


def _pair(
    means: DepthMeans,
    first: int,
    second: int,
    confidence: float,
    too_few: str,
    obstacle: str | None,
    margin: float,
) -> Pair:
    """Return one pair with its interval where it has one, still undecided."""
    sizes = len(means.runs[first]), len(means.runs[second])
    if obstacle is None and min(sizes) < 2:
        obstacle = too_few
    if min(sizes) == 0:
        return Pair(first, second, *sizes, obstacle=obstacle)
    weights = {first: -1.0, second: 1.0}
    found = means.contrast(weights, confidence, margin)
    if obstacle is None and found is None:
        obstacle = NO_SPREAD
    pair = Pair(first, second, *sizes, means.value(weights), obstacle=obstacle)
    if obstacle is not None or found is None:
        return pair
    return replace(pair, low=found.low, high=found.high, p_value=found.p_value)


def _decide(
    pair: Pair,
    holm_p_value: float,
    tests: int,
    means: DepthMeans,
    confidence: float,
    margin: float,
) -> Pair:
    """Return a pair that has an interval with its verdict, one of so many tests."""
    if pair.difference is None or pair.low is None or pair.high is None:
        raise ValueError(f"a pair with a p value has an interval: {pair}")
    verdict: Verdict = "undecided"
    if pair.low > margin:
        verdict = "supported"
    elif pair.high < margin and holm_p_value < 1 - confidence:
        verdict = "contradicted"
    needed = None
    if verdict == "undecided":
        weights = {pair.first: -1.0, pair.second: 1.0}
        # A fall counts only once it is corrected; at worst, for all tests.
        sure = confidence if pair.difference > margin else 1 - (1 - confidence) / tests
        needed = means.runs_needed(weights, sure, POWER, margin)
        if needed is not None:
            needed = max(needed, 1 + min(pair.n_first, pair.n_second))
    return replace(pair, holm_p_value=holm_p_value, verdict=verdict, runs_needed=needed)
