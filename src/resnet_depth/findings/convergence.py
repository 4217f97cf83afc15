"""The claim that deeper networks converge more slowly at first and end higher, tested.

Both halves are about accuracy on the validation part: after the first epoch each deeper network's
error is larger by more than a margin, after the last its accuracy is higher by more than another.
The margins are settings, written down before anything is run. The same validation images serve all
runs and no prediction on them is kept, so the intervals are over seeds alone.
"""

import pandas as pd

from resnet_depth.evidence.contrasts import DepthMeans
from resnet_depth.evidence.wording import interval_name
from resnet_depth.findings.claims import (
    FIRST_EPOCH_ERROR,
    LAST_EPOCH_ACCURACY,
    SLOWER_THEN_HIGHER,
    Finding,
)
from resnet_depth.findings.depth_pairs import Verdict
from resnet_depth.findings.growth import (
    Growth,
    course,
    deciding,
    growth,
    growth_as_json,
    pair_lines,
)


def find_convergence(
    curves: pd.DataFrame, confidence: float, slower_by: float, higher_by: float
) -> Finding:
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
    slower = growth(
        FIRST_EPOCH_ERROR, DepthMeans(errors), confidence, obstacle=obstacle, margin=slower_by
    )
    higher = growth(
        LAST_EPOCH_ACCURACY, DepthMeans(last), confidence, obstacle=obstacle, margin=higher_by
    )
    verdicts = {slower.verdict, higher.verdict}
    verdict: Verdict = "undecided"
    if "contradicted" in verdicts:
        verdict = "contradicted"
    elif verdicts == {"supported"}:
        verdict = "supported"
    lines = [
        f"{name}, {line}"
        for name, half in (("After the first epoch", slower), ("After the last epoch", higher))
        for line in pair_lines(half)
    ]
    evidence = {
        "test": "Welch's t interval over seeds of the difference, beyond the margin, at each step",
        "first_epoch": growth_as_json(slower),
        "last_epoch": growth_as_json(higher),
    }
    sentence = _sentence(verdict, slower, higher, confidence)
    return Finding(SLOWER_THEN_HIGHER, verdict, sentence, tuple(lines), evidence)


def _sentence(verdict: Verdict, slower: Growth, higher: Growth, confidence: float) -> str:
    """Return the finding in words."""
    clause = SLOWER_THEN_HIGHER.clause
    if not slower.steps:
        return f"Whether {clause} can't be said: one depth was studied."
    if verdict == "supported":
        margins = " and ".join(
            half.quantity.change(half.margin, None, None, confidence) for half in (slower, higher)
        )
        return (
            f"{SLOWER_THEN_HIGHER.hypothesis}: {course(slower)}, and {course(higher)}; the "
            f"{interval_name(confidence)} of every step lies above its threshold ({margins})."
        )
    halves = [half for half in (slower, higher) if half.verdict == verdict]
    told = "; ".join(dict.fromkeys(deciding(half) for half in halves))
    if verdict == "contradicted":
        return f"It is not so that {clause}: {told}."
    return f"Whether {clause} is undecided: {told}."


def _after(curves: pd.DataFrame, epoch: int | None) -> dict[int, list[float]]:
    """Return each depth's validation accuracies after an epoch, or after its last; one a seed."""
    groups = {}
    for depth, rows in curves.groupby("depth", sort=True):
        chosen = rows[rows["epoch"] == (rows["epoch"].max() if epoch is None else epoch)]
        groups[int(str(depth))] = [float(value) for value in chosen["validation_accuracy"]]
    return groups
