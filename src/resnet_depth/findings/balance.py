"""The claim that ResNet-34 is a good balance of accuracy and training time, tested.

It is supported if both of these hold, and contradicted if one is refuted:

- no other depth dominates ResNet-34: is at least as accurate in at most its time, by the means;
  refuted where both differences are shown against it;
- the accuracy gained per extra minute over ResNet-18 exceeds that of ResNet-50 over ResNet-34.

The second is a function of three mean accuracies and three mean times. Its interval is by the delta
method (linear in the means near their estimates), which needs extra times that are clearly above
zero. Accuracies and times are taken as independent.
"""

from collections.abc import Sequence
from dataclasses import asdict

from resnet_depth.evidence.contrasts import DepthMeans
from resnet_depth.evidence.statistics import Effect, effect
from resnet_depth.evidence.wording import interval_name, listed, network_title, signed
from resnet_depth.findings.claims import GOOD_BALANCE, Finding
from resnet_depth.findings.depth_pairs import Verdict
from resnet_depth.findings.growth import Growth, ends_of

SHALLOW, MIDDLE, DEEP = 18, 34, 50
_MINUTE = 60.0


def gain_difference(
    accuracy: DepthMeans, seconds: DepthMeans, confidence: float
) -> tuple[float, float, Effect | None]:
    """Return what an extra minute of training brought from 18 to 34 and from 34 to 50 layers.

    Args:
        accuracy: Test accuracies (fractions).
        seconds: Training times that count.
        confidence: Of the interval, in (0, 1).

    Returns:
        Both gains, in fractions a minute, and the first minus the second with its interval; None
        where accuracies or times have none.
    """
    first, second = (
        accuracy.value({b: 1.0, a: -1.0}) / seconds.value({b: 1.0, a: -1.0})
        for a, b in ((SHALLOW, MIDDLE), (MIDDLE, DEEP))
    )
    extra = [seconds.value({b: 1.0, a: -1.0}) for a, b in ((SHALLOW, MIDDLE), (MIDDLE, DEEP))]
    by_accuracy = {SHALLOW: -1 / extra[0], MIDDLE: 1 / extra[0] + 1 / extra[1], DEEP: -1 / extra[1]}
    by_seconds = {
        SHALLOW: first / extra[0],
        MIDDLE: -first / extra[0] - second / extra[1],
        DEEP: second / extra[1],
    }
    parts = accuracy.parts(by_accuracy), seconds.parts(by_seconds)
    found = effect(first - second, [*parts[0], *parts[1]], confidence) if all(parts) else None
    if found is not None:
        low, high = _MINUTE * found.low, _MINUTE * found.high
        found = Effect(_MINUTE * found.estimate, low, high, found.p_value)
    return _MINUTE * first, _MINUTE * second, found


def find_balance(accuracy: Growth, seconds: Growth) -> Finding:
    """Return what is found of the claim.

    Args:
        accuracy: What was found of test accuracy by depth.
        seconds: The same of the training times that count.
    """
    obstacle = _obstacle(accuracy, seconds)
    if obstacle:
        sentence = f"Whether {GOOD_BALANCE.clause} is undecided: {obstacle}."
        return _finding("undecided", sentence, [obstacle], {"obstacle": obstacle})
    rivals = [depth for depth in accuracy.means.runs if depth != MIDDLE]
    dominating = [depth for depth in rivals if _dominates(depth, accuracy, seconds)]
    proven = [depth for depth in rivals if _surely_dominates(depth, accuracy, seconds)]
    first, second, gain = gain_difference(accuracy.means, seconds.means, accuracy.confidence)
    gains = _gains(first, second, gain, accuracy.confidence)
    verdict: Verdict = "undecided"
    if proven or (gain is not None and gain.high < 0):
        verdict = "contradicted"
    elif not dominating and gain is not None and gain.low > 0:
        verdict = "supported"
    names = listed([network_title(depth) for depth in (proven or dominating)])
    lines = [
        f"Dominated by: {names}" + ("" if proven else " (by the means; not shown)")
        if dominating
        else "Dominated by no other depth: none is as accurate in as little training time",
        gains,
    ]
    evidence = {
        "dominated_by": dominating,
        "surely_dominated_by": proven,
        "gain_unit": "accuracy (fraction) a minute of training",
        "gain_over_resnet18": first,
        "gain_of_resnet50": second,
        "gain_difference": asdict(gain) if gain else None,
    }
    return _finding(verdict, _sentence(verdict, names, bool(proven), gains), lines, evidence)


def _sentence(verdict: Verdict, dominating: str, proven: bool, gains: str) -> str:
    """Return the finding in words."""
    gains = gains[0].lower() + gains[1:]
    if verdict == "supported":
        return (
            f"{GOOD_BALANCE.hypothesis}: no other depth is as accurate in as little training time, "
            f"and {gains}."
        )
    rival = f"{dominating} gave as much accuracy or more in less training time"
    if verdict == "contradicted":
        return f"It is not so that {GOOD_BALANCE.clause}: {rival if proven else gains}."
    reason = f"by the means, {rival}, which chance may explain; " if dominating else ""
    return f"Whether {GOOD_BALANCE.clause} is undecided: {reason}{gains}."


def _gains(first: float, second: float, gain: Effect | None, confidence: float) -> str:
    """Return both gains and their difference in words."""
    told = (
        f"An extra minute of training brought {_points(first)} points of accuracy from "
        f"{network_title(SHALLOW)} to {network_title(MIDDLE)} and {_points(second)} from there to "
        f"{network_title(DEEP)}"
    )
    if gain is None:
        return f"{told} (no interval)"
    return (
        f"{told} (difference {_points(gain.estimate)}, {interval_name(confidence)} "
        f"{_points(gain.low)} to {_points(gain.high)})"
    )


def _points(fraction: float) -> str:
    """Return a gain in percentage points with the digits that its size asks for."""
    size = abs(100 * fraction)
    return signed(100 * fraction, 1 if size >= 10 else 2)


def _obstacle(accuracy: Growth, seconds: Growth) -> str | None:
    """Return why nothing can be decided, or None."""
    missing = [d for d in (SHALLOW, MIDDLE, DEEP) if d not in accuracy.means.runs]
    if missing:
        names = listed([network_title(depth) for depth in missing])
        return f"{names} {'was' if len(missing) == 1 else 'were'} not studied"
    for found in (accuracy, seconds):
        pairs = ends_of(found.pairs)
        for ends in ((SHALLOW, MIDDLE), (MIDDLE, DEEP)):
            if pairs[ends].obstacle:
                return pairs[ends].obstacle
    times = ends_of(seconds.pairs)
    for ends in ((SHALLOW, MIDDLE), (MIDDLE, DEEP)):
        if times[ends].verdict != "supported":
            names = f"{network_title(ends[1])} takes longer to train than {network_title(ends[0])}"
            return f"it isn't shown that {names}, so there is no gain per extra minute"
    return None


def _dominates(depth: int, accuracy: Growth, seconds: Growth) -> bool:
    """Return whether a depth is as accurate as ResNet-34 in as little time, by the means."""
    if not seconds.means.runs[depth]:
        return False
    weights = {depth: 1.0, MIDDLE: -1.0}
    better, slower = accuracy.means.value(weights), seconds.means.value(weights)
    return better >= 0 and slower <= 0 and (better > 0 or slower < 0)


def _surely_dominates(depth: int, accuracy: Growth, seconds: Growth) -> bool:
    """Return whether a depth is shown to be more accurate than ResNet-34 in less time."""
    ends = min(depth, MIDDLE), max(depth, MIDDLE)
    better, slower = (ends_of(found.pairs)[ends].verdict for found in (accuracy, seconds))
    if depth < MIDDLE:
        return better == "contradicted" and slower == "supported"
    return better == "supported" and slower == "contradicted"


def _finding(
    verdict: Verdict, sentence: str, lines: Sequence[str], evidence: dict[str, object]
) -> Finding:
    """Return the finding on this claim."""
    test = (
        "not dominated by another depth, and delta method with Satterthwaite's t interval of the "
        "difference of gains per extra minute"
    )
    return Finding(GOOD_BALANCE, verdict, sentence, tuple(lines), {"test": test, **evidence})
