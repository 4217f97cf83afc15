"""The claim that ResNet-34 is a good balance of accuracy and training time, tested.

It is supported if both of these hold, and contradicted if one is refuted:

- no other depth dominates ResNet-34: is at least as accurate in at most its time, by the means;
  refuted where both differences are shown against it;
- the accuracy gained per extra minute over ResNet-18 exceeds that of ResNet-50 over ResNet-34.

The second is a function of three mean accuracies and three mean times. Its interval is by the delta
method (linear in the means near their estimates), which needs extra times that are clearly above
zero. Accuracies and times are taken as independent.
"""

from dataclasses import dataclass, field

from resnet_depth.evidence.contrasts import Means
from resnet_depth.evidence.statistics import Effect, effect
from resnet_depth.evidence.wording import interval_name, listed, network_title, signed
from resnet_depth.findings.claims import GOOD_BALANCE, Finding, Verdict
from resnet_depth.findings.depth_pairs import Growth

SHALLOW, MIDDLE, DEEP = 18, 34, 50
STEPS = ((SHALLOW, MIDDLE), (MIDDLE, DEEP))
_MINUTE = 60.0


@dataclass(frozen=True)
class Balance:
    """Which depths dominate ResNet-34, by the means and surely, and what an extra minute brought.

    `gain_difference`, the first gain minus the second, is None without interval.
    """

    dominated_by: list[int]
    surely_dominated_by: list[int]
    gain_unit: str = field(default="accuracy (fraction) a minute of training", init=False)
    gain_over_resnet18: float
    gain_of_resnet50: float
    gain_difference: Effect | None

    @property
    def verdict(self) -> Verdict:
        """Whether both conditions hold, or one is refuted."""
        gain = self.gain_difference
        if self.surely_dominated_by or (gain is not None and gain.high < 0):
            return "contradicted"
        if not self.dominated_by and gain is not None and gain.low > 0:
            return "supported"
        return "undecided"


def gain_difference(
    accuracy: Means[int], seconds: Means[int], confidence: float
) -> tuple[float, float, Effect | None]:
    """Return what an extra minute of training brought from 18 to 34 and from 34 to 50 layers.

    Both gains, in fractions of accuracy a minute, and the first minus the second with its interval;
    None where accuracies or times have none. `seconds` are of trainings that count, `confidence`
    lies in (0, 1).
    """
    extra = [seconds.value({b: 1.0, a: -1.0}) for a, b in STEPS]
    first, second = (
        accuracy.value({b: 1.0, a: -1.0}) / time for (a, b), time in zip(STEPS, extra, strict=True)
    )
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


def find_balance(accuracy: Growth, seconds: Growth) -> Finding[Balance | str]:
    """Return what is found of the claim, resting on what stood in the way where nothing is."""
    claim, obstacle = GOOD_BALANCE, _obstacle(accuracy, seconds)
    if obstacle:
        sentence = claim.sentence("undecided", obstacle)
        return Finding(claim, "undecided", sentence, (), obstacle)
    rivals = [depth for depth in accuracy.means.runs if depth != MIDDLE]
    found = Balance(
        [depth for depth in rivals if _dominates(depth, accuracy, seconds)],
        [depth for depth in rivals if _surely_dominates(depth, accuracy, seconds)],
        *gain_difference(accuracy.means, seconds.means, accuracy.confidence),
    )
    gains = _gains(found, accuracy.confidence)
    dominated = "No other depth is as accurate in as little training time"
    if found.dominated_by:
        sure = "beyond chance" if found.surely_dominated_by else "by the means, which may be chance"
        dominated = f"At least as accurate in less training time: {_rivals(found)} ({sure})"
    sentence = claim.sentence(found.verdict, _reasons(found, gains[0].lower() + gains[1:]))
    return Finding(claim, found.verdict, sentence, (dominated, gains), found)


def _rivals(found: Balance) -> str:
    """Return the names of the depths that surely dominate or, without any, of those that do."""
    return listed(list(map(network_title, found.surely_dominated_by or found.dominated_by)))


def _reasons(found: Balance, gains: str) -> str:
    """Return in words what the verdict rests on."""
    if found.verdict == "supported":
        return f"no other depth is as accurate in as little training time, and {gains}"
    rival = f"{_rivals(found)} reached at least the same accuracy in less training time"
    if found.verdict == "contradicted":
        return rival if found.surely_dominated_by else gains
    reason = f"by the means, {rival}, which may be chance; " if found.dominated_by else ""
    return f"{reason}{gains}"


def _gains(found: Balance, confidence: float) -> str:
    """Return both gains and their difference in words."""
    told = (
        f"An extra minute of training brought {_points(found.gain_over_resnet18)} points of "
        f"accuracy from {network_title(SHALLOW)} to {network_title(MIDDLE)} and "
        f"{_points(found.gain_of_resnet50)} from there to {network_title(DEEP)}"
    )
    gain = found.gain_difference
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
    obstacles = [found.pair(*ends).obstacle for found in (accuracy, seconds) for ends in STEPS]
    if found := next(filter(None, obstacles), None):
        return found
    for ends in STEPS:
        if seconds.pair(*ends).verdict != "supported":
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
    better, slower = (found.pair(*ends).verdict for found in (accuracy, seconds))
    if depth < MIDDLE:
        return better == "contradicted" and slower == "supported"
    return better == "supported" and slower == "contradicted"
