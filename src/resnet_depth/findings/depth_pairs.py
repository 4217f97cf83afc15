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
from functools import cached_property
from itertools import combinations, pairwise
from statistics import median

from resnet_depth.evidence.contrasts import Means
from resnet_depth.evidence.hypotheses import (
    holm,
    least_permutation_p_value,
    permutation_p_value,
    superiority,
)
from resnet_depth.findings.claims import Quantity, Verdict, overall

ONE_RUN = "one run per depth doesn't show the spread"
NO_SPREAD = "each depth's runs are identical, which doesn't show the spread"
# Of the number of seeds that would settle a pair: how likely they shall do so.
POWER = 0.8


@dataclass(frozen=True)
class RunByRun:
    """Two depths' runs beside each other, no distribution taken for granted; None for one run.

    `superiority` is how likely a run of the deeper network has the larger value;
    `least_permutation_p_value` is what so many runs can give at best. Where a few runs collapse,
    the medians tell of most runs what the means don't.
    """

    permutation_p_value: float | None = None
    least_permutation_p_value: float | None = None
    superiority: float | None = None
    first_median: float | None = None
    second_median: float | None = None


@dataclass(frozen=True)
class Pair:
    """The deeper network's mean minus the shallower one's.

    `difference` is None if a depth has no value that counts; `low`, `high` and the p values are
    None without interval, and `obstacle` then says why. `n_first` and `n_second` are numbers of
    runs; `runs_needed` is how many a depth would likely settle an undecided pair, None where it
    is settled or where that can't be said. `run_by_run` is for quantities where it is asked for.
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
    run_by_run: RunByRun | None = None


@dataclass(frozen=True)
class Growth:
    """Whether a quantity, whose `means` are by ascending depth, grows by more than a margin ≥ 0.

    `too_few` says why nothing can be decided where a depth has fewer than two values, `obstacle`
    why nothing can be whatever the values.
    """

    quantity: Quantity
    means: Means[int]
    confidence: float
    too_few: str = ONE_RUN
    obstacle: str | None = None
    margin: float = 0.0
    run_by_run: bool = False

    @cached_property
    def pairs(self) -> tuple[Pair, ...]:
        """All pairs, by first, then by second depth; p values are of a difference of the margin."""
        pairs = [self._undecided(*ends) for ends in combinations(self.means.runs, 2)]
        corrected = holm([p for pair in pairs if (p := pair.p_value) is not None])
        left = iter(corrected)
        return tuple(
            pair if pair.p_value is None else self._decided(pair, next(left), len(corrected))
            for pair in pairs
        )

    @cached_property
    def steps(self) -> tuple[Pair, ...]:
        """The pairs of neighbouring depths, which decide the verdict."""
        return tuple(self.pair(*ends) for ends in pairwise(self.means.runs))

    @property
    def span(self) -> Pair | None:
        """The pair of the shallowest and the deepest network; None with fewer than two depths."""
        return self.pair(min(self.means.runs), max(self.means.runs)) if self.pairs else None

    @property
    def verdict(self) -> Verdict:
        """Whether it grows at every step."""
        return overall(step.verdict for step in self.steps)

    def pair(self, first: int, second: int) -> Pair:
        """Return the pair of two depths, the shallower one first."""
        return next(pair for pair in self.pairs if (pair.first, pair.second) == (first, second))

    def _undecided(self, first: int, second: int) -> Pair:
        """Return one pair with its interval where it has one."""
        runs = self.means.runs[first], self.means.runs[second]
        sizes = len(runs[0]), len(runs[1])
        obstacle = self.obstacle or (self.too_few if min(sizes) < 2 else None)
        if min(sizes) == 0:
            return Pair(first, second, *sizes, obstacle=obstacle)
        weights = {first: -1.0, second: 1.0}
        found = self.means.contrast(weights, self.confidence, self.margin)
        obstacle = obstacle or (None if found else NO_SPREAD)
        compared = _run_by_run(*runs) if self.run_by_run else None
        told = first, second, *sizes, self.means.value(weights)
        if obstacle is not None or found is None:
            return Pair(*told, obstacle=obstacle, run_by_run=compared)
        return Pair(*told, found.low, found.high, found.p_value, run_by_run=compared)

    def _decided(self, pair: Pair, holm_p_value: float, tests: int) -> Pair:
        """Return a pair that has an interval with its verdict, one of so many tests."""
        if pair.difference is None or pair.low is None or pair.high is None:
            raise ValueError(f"a pair with a p value has an interval: {pair}")
        verdict: Verdict = "undecided"
        if pair.low > self.margin:
            verdict = "supported"
        elif pair.high < self.margin and holm_p_value < 1 - self.confidence:
            verdict = "contradicted"
        needed = None
        if verdict == "undecided":
            weights = {pair.first: -1.0, pair.second: 1.0}
            # A fall counts only once it is corrected; at worst, for all tests.
            rises = pair.difference > self.margin
            sure = self.confidence if rises else 1 - (1 - self.confidence) / tests
            needed = self.means.runs_needed(weights, sure, POWER, self.margin)
            if needed is not None:
                needed = max(needed, 1 + min(pair.n_first, pair.n_second))
        return replace(pair, holm_p_value=holm_p_value, verdict=verdict, runs_needed=needed)


def _run_by_run(first: Sequence[float], second: Sequence[float]) -> RunByRun:
    """Return how the runs of two depths compare."""
    if min(len(first), len(second)) < 2:
        return RunByRun()
    return RunByRun(
        permutation_p_value(first, second),
        least_permutation_p_value(len(first), len(second)),
        superiority(first, second),
        median(first),
        median(second),
    )
