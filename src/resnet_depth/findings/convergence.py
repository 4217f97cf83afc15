"""The claim that deeper networks converge more slowly at first and end higher, tested.

Both halves are about accuracy on the validation part: after the first epoch each deeper network's
error is larger by more than a margin, after the last its accuracy is higher by more than another.
The margins are settings, written down before anything is run. The same validation images serve all
runs and no prediction on them is kept, so the intervals are over seeds alone.
"""

from dataclasses import dataclass

import pandas as pd

from resnet_depth.evidence.contrasts import DepthMeans
from resnet_depth.evidence.wording import interval_name
from resnet_depth.findings.claims import (
    FIRST_EPOCH_ERROR,
    LAST_EPOCH_ACCURACY,
    SLOWER_THEN_HIGHER,
    Finding,
    Verdict,
    overall,
)
from resnet_depth.findings.depth_pairs import Growth
from resnet_depth.findings.growth import claimed_margin, course, deciding, pair_lines


@dataclass(frozen=True)
class Convergence:
    """Growth of the error after the first epoch, and of the accuracy after the last."""

    slower: Growth
    higher: Growth

    @property
    def verdict(self) -> Verdict:
        """Whether both grow."""
        return overall((self.slower.verdict, self.higher.verdict))


def find_convergence(
    curves: pd.DataFrame, confidence: float, slower_by: float, higher_by: float
) -> Finding[Convergence]:
    """Return what is found of the claim.

    Args:
        curves: A row for each depth, seed and epoch with its `validation_accuracy` (fraction),
            which is empty where there is no validation part.
        confidence: Of the intervals, in (0, 1).
        slower_by: How much larger the validation error has to be after the first epoch, at each
            step from a depth to the next, to count as slower (fraction).
        higher_by: The same of the validation accuracy after the last epoch.
    """
    first, last = (_after(curves, epoch) for epoch in (curves["epoch"].min(), None))
    obstacle = None
    if curves["validation_accuracy"].isna().all():
        obstacle = "there is no validation part"
        first = last = {depth: [] for depth in first}
    elif curves["epoch"].nunique() < 2:
        obstacle = "one epoch was trained"
    errors = {depth: [1 - value for value in values] for depth, values in first.items()}
    found = Convergence(
        *(
            Growth(quantity, DepthMeans(runs), confidence, obstacle=obstacle, margin=margin)
            for quantity, runs, margin in (
                (FIRST_EPOCH_ERROR, errors, slower_by),
                (LAST_EPOCH_ACCURACY, last, higher_by),
            )
        )
    )
    lines = [
        *(f"After the first epoch, {line}" for line in pair_lines(found.slower)),
        *(f"After the last epoch, {line}" for line in pair_lines(found.higher)),
    ]
    return Finding(SLOWER_THEN_HIGHER, found.verdict, _sentence(found), tuple(lines), found)


def _sentence(found: Convergence) -> str:
    """Return the finding in words."""
    claim, halves = SLOWER_THEN_HIGHER, (found.slower, found.higher)
    if not found.slower.steps:
        return f"Whether {claim.clause} can't be said: one depth was studied."
    if found.verdict == "supported":
        reasons = (
            f"{', and '.join(map(course, halves))}; the "
            f"{interval_name(found.slower.confidence)} of every step lies above its threshold "
            f"({' and '.join(map(claimed_margin, halves))})"
        )
    else:
        told = (deciding(half) for half in halves if half.verdict == found.verdict)
        reasons = "; ".join(dict.fromkeys(told))
    return claim.sentence(found.verdict, reasons)


def _after(curves: pd.DataFrame, epoch: int | None) -> dict[int, list[float]]:
    """Return each depth's validation accuracies after an epoch, or after its last; one a seed."""
    groups = {}
    for depth, rows in curves.groupby("depth", sort=True):
        chosen = rows[rows["epoch"] == (rows["epoch"].max() if epoch is None else epoch)]
        groups[int(str(depth))] = [float(value) for value in chosen["validation_accuracy"]]
    return groups
