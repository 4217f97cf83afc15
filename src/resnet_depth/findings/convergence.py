"""The claim that deeper networks converge more slowly at first and end higher, tested.

Both halves are about accuracy on the validation part: after the first epoch each deeper network's
error is larger by more than a margin, after the last its accuracy is higher by more than another.
The margins are settings, written down before anything is run. The same validation images serve all
runs and no prediction on them is kept, so the intervals are over seeds alone.
"""

from dataclasses import dataclass

import pandas as pd

from resnet_depth.evidence.contrasts import Means
from resnet_depth.evidence.tables import accuracies_by_depth
from resnet_depth.findings.claims import (
    FIRST_EPOCH_ERROR,
    LAST_EPOCH_ACCURACY,
    SLOWER_THEN_HIGHER,
    Finding,
    Verdict,
    overall,
)
from resnet_depth.findings.depth_pairs import ONE_RUN, Growth
from resnet_depth.findings.growth import growth_sentence, pair_lines


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
    epochs = curves["epoch"]
    ends = epochs.min(), epochs.groupby(curves["depth"]).transform("max")
    first, last = (
        accuracies_by_depth(curves[epochs == end], "validation_accuracy") for end in ends
    )
    obstacle = None
    if curves["validation_accuracy"].isna().all():
        obstacle = "no images were held out for validation"
        first = last = {depth: [] for depth in first}
    elif epochs.nunique() < 2:
        obstacle = "training lasted only one epoch"
    errors = {depth: [1 - value for value in values] for depth, values in first.items()}
    found = Convergence(
        Growth(FIRST_EPOCH_ERROR, Means(errors), confidence, ONE_RUN, obstacle, slower_by),
        Growth(LAST_EPOCH_ACCURACY, Means(last), confidence, ONE_RUN, obstacle, higher_by),
    )
    lines = (
        *(f"Error after the first epoch, {line}" for line in pair_lines(found.slower)),
        *(f"Accuracy after the last epoch, {line}" for line in pair_lines(found.higher)),
    )
    sentence = growth_sentence(SLOWER_THEN_HIGHER, found.slower, found.higher)
    return Finding(SLOWER_THEN_HIGHER, found.verdict, sentence, lines, found)
