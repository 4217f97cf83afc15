"""How long a recipe takes to the accuracy that the reference ends with: costs at equal accuracy.

The accuracy is the mean, over the reference's seeds, of the validation accuracy after its last
epoch, at the same depth. A run reaches it between two epochs, where the straight line between their
accuracies does; before the first epoch ended nothing is known, so that its end is the earliest.
Runs that were timed while others used the machine don't count.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from resnet_depth.evidence.costs import BUSY
from resnet_depth.evidence.evidence import Evidence, StudyEvidence
from resnet_depth.evidence.statistics import Estimate, estimate_mean
from resnet_depth.evidence.wording import duration, interval_name, network_title, percent, plural
from resnet_depth.training.settings import REFERENCE


@dataclass(frozen=True)
class TimeToAccuracy:
    """Seconds of training until a recipe's network has the reference's accuracy.

    `accuracy` is that (fraction, on the validation part), `reference_seconds` how long the
    reference trains in all; `seconds` is over those of the `runs` that count which reached it,
    `reached` of them, and None where there is none.
    """

    recipe: str
    depth: int
    accuracy: float
    runs: int
    reached: int
    seconds: Estimate | None
    reference_seconds: Estimate | None


def seconds_to(
    accuracy: float, accuracies: Sequence[float], epoch_seconds: Sequence[float]
) -> float | None:
    """Return after how many seconds one run reached an accuracy; None if it didn't.

    `accuracies` are those after each epoch, which lasted `epoch_seconds`.
    """
    ends = np.cumsum(epoch_seconds)
    above = [k for k, value in enumerate(accuracies) if value >= accuracy]
    if not above:
        return None
    k = above[0]
    if k == 0:
        return float(ends[0])
    share = (accuracy - accuracies[k - 1]) / (accuracies[k] - accuracies[k - 1])
    return float(ends[k - 1] + share * (ends[k] - ends[k - 1]))


def times_to_reference(study: StudyEvidence) -> tuple[TimeToAccuracy, ...]:
    """Return each other recipe's time at each depth.

    Nothing where the reference isn't studied or there is no validation part.
    """
    reference = study.by_recipe.get(REFERENCE)
    if reference is None or not reference.card.counts["validation"]:
        return ()
    return tuple(
        _time(own, reference, depth)
        for own in study.by_recipe.values()
        if own is not reference
        for depth in own.depths
    )


def _time(own: Evidence, reference: Evidence, depth: int) -> TimeToAccuracy:
    """Return one recipe's time at one depth."""
    last = reference.curves[reference.curves["depth"] == depth].groupby("seed").tail(1)
    accuracy = float(last["validation_accuracy"].mean())
    curves = own.curves[own.curves["depth"] == depth]
    times = []
    counted = [(run, record) for run, record in own.durations.items() if run.depth == depth]
    counted = [(run, record) for run, record in counted if not record.shared]
    for run, record in counted:
        reached = curves[curves["seed"] == run.seed]["validation_accuracy"].tolist()
        times.append(seconds_to(accuracy, reached, record.epoch_seconds))
    found = [seconds for seconds in times if seconds is not None]
    whole = [
        record.train_seconds
        for run, record in reference.durations.items()
        if run.depth == depth and not record.shared
    ]
    return TimeToAccuracy(
        own.recipe,
        depth,
        accuracy,
        len(counted),
        len(found),
        estimate_mean(found, own.confidence) if found else None,
        estimate_mean(whole, own.confidence) if whole else None,
    )


def time_sentence(found: TimeToAccuracy, confidence: float) -> str:
    """Return in words how long a recipe takes to the reference's accuracy."""
    network, target = network_title(found.depth), percent(found.accuracy)
    if not found.runs:
        return f"{network}: time to the reference's accuracy not shown: {BUSY}"
    if found.seconds is None:
        runs = plural(found.runs, "run")
        return (
            f"{network}: none of {runs} reached the reference's final validation accuracy, {target}"
        )
    told = f"{network} reaches the reference's final validation accuracy, {target}, after "
    told += _told(found.seconds, confidence)
    if found.reached < found.runs:
        told += f" in {found.reached} of {found.runs} runs"
    if found.reference_seconds is not None:
        told += f"; the reference takes {_told(found.reference_seconds, confidence)}"
    return told


def _told(found: Estimate, confidence: float) -> str:
    """Return a time, with its interval where there is one."""
    if found.low is None or found.high is None:
        return duration(found.mean)
    ends = f"{duration(max(0.0, found.low))} to {duration(found.high)}"
    return f"{duration(found.mean)} ({interval_name(confidence)} {ends})"
