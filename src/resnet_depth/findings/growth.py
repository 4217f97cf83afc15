"""Does a quantity grow with depth? The pairs that tell, the verdict, and both in words."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from resnet_depth.evidence.contrasts import DepthMeans
from resnet_depth.evidence.wording import interval_name, listed, network_title
from resnet_depth.findings.claims import Claim, Quantity
from resnet_depth.findings.depth_pairs import Pair, Verdict, compare_all, overall, steps_of

ONE_RUN = "a single run tells no spread"


@dataclass(frozen=True)
class Growth:
    """What was found of a quantity by depth, for growth by more than a margin at every step.

    `steps` are between neighbouring depths and decide the verdict; `span` is from the shallowest
    to the deepest, None with fewer than two depths.
    """

    quantity: Quantity
    means: DepthMeans
    confidence: float
    margin: float
    pairs: tuple[Pair, ...]
    steps: tuple[Pair, ...]
    span: Pair | None
    verdict: Verdict


def growth(
    quantity: Quantity,
    means: DepthMeans,
    confidence: float,
    too_few: str = ONE_RUN,
    obstacle: str | None = None,
    margin: float = 0.0,
) -> Growth:
    """Test whether a quantity grows with depth; the arguments are those of `compare_all`."""
    pairs = tuple(compare_all(means, confidence, too_few, obstacle, margin))
    steps = steps_of(pairs)
    ends = min(means.runs), max(means.runs)
    span = next((pair for pair in pairs if (pair.first, pair.second) == ends), None)
    return Growth(quantity, means, confidence, margin, pairs, steps, span, overall(steps))


def growth_sentence(claim: Claim, found: Growth) -> str:
    """Return in words what a growth says of the claim that the quantity grows."""
    if not found.steps:
        return f"Whether {claim.clause} can't be said: one depth was studied."
    if found.verdict == "supported":
        interval = f"the {interval_name(found.confidence)} of every step lies above zero"
        return f"{claim.hypothesis}: {course(found)}, and {interval}."
    if found.verdict == "contradicted":
        return f"It is not so that {claim.clause}: {deciding(found)}."
    return f"Whether {claim.clause} is undecided: {deciding(found)}."


def course(found: Growth) -> str:
    """Return a quantity's means over the depths in words, such as `it rises from a to b`."""
    weights = {depth: found.means.value({depth: 1.0}) for depth in found.means.runs}
    means = [f"{found.quantity.value(mean)} ({network_title(d)})" for d, mean in weights.items()]
    between = "".join(f" over {mean}" for mean in means[1:-1])
    return f"{found.quantity.noun} rises from {means[0]}{between} to {means[-1]}"


def deciding(found: Growth) -> str:
    """Return in words the steps that decide a verdict but support, and what stood in the way.

    Args:
        found: A growth that is contradicted or undecided, of two depths or more.
    """
    steps = [step for step in found.steps if step.verdict == found.verdict]
    obstacles = list(dict.fromkeys(step.obstacle for step in steps if step.obstacle))
    below = [step for step in steps if step.high is not None and step.high < found.margin]
    if found.verdict == "contradicted" or obstacles:
        below = []
    others = [step for step in steps if step not in below and step.difference is not None]
    margin = found.quantity.change(found.margin, None, None, found.confidence)
    told = [describe_pair(found, step) for step in others]
    changes = f"{found.quantity.noun} changes by {listed(told)}" if told else ""
    if told and found.verdict == "contradicted":
        changes += f", where more than {margin} was claimed" if found.margin else ""
    elif told and not obstacles and found.margin:
        changes += f", which tells neither more nor less than the {margin} that are claimed"
    elif told and not obstacles:
        changes += ", where zero is not ruled out"
    return "; ".join(filter(None, [*obstacles, changes, _below(found, below, bool(told))]))


def _below(found: Growth, steps: Sequence[Pair], more: bool) -> str:
    """Return in words the steps that lie below the margin, but don't once they are corrected."""
    if not steps:
        return ""
    told = listed([describe_pair(found, step) for step in steps])
    subject = "it changes" if more else f"{found.quantity.noun} changes"
    worst = max(p for step in steps if (p := step.holm_p_value) is not None)
    than = found.quantity.change(found.margin, None, None, found.confidence)
    bound = f"less than the {than} that are claimed" if found.margin else "a fall"
    return (
        f"{subject} by {told}, {bound} taken alone, which stays open once p is corrected for the "
        f"number of pairs ({p_value_text(worst).removeprefix('= ')})"
    )


def describe_pair(found: Growth, pair: Pair) -> str:
    """Return a pair's change in words, with its interval where there is one.

    Raises:
        ValueError: If the pair has no difference.
    """
    if pair.difference is None:
        raise ValueError(f"no difference to describe: {pair.obstacle}")
    change = found.quantity.change(pair.difference, pair.low, pair.high, found.confidence)
    return f"{change} from {network_title(pair.first)} to {network_title(pair.second)}"


def pair_lines(found: Growth) -> list[str]:
    """Return a line on each pair: change, interval, p value, verdict, what would settle it."""
    return [_pair_line(found, pair) for pair in found.pairs]


def _pair_line(found: Growth, pair: Pair) -> str:
    """Return the line on one pair."""
    parts = ["no value that counts"]
    if pair.difference is not None:
        parts = [found.quantity.change(pair.difference, pair.low, pair.high, found.confidence)]
    if pair.holm_p_value is not None:
        parts.append(f"p {p_value_text(pair.holm_p_value)} (Holm)")
    parts.append(f"{pair.n_first} and {pair.n_second} runs")
    reason = f" ({pair.obstacle})" if pair.obstacle else ""
    parts.append(f"{pair.verdict}{reason}")
    if pair.runs_needed is not None:
        parts.append(f"{pair.runs_needed} seeds a depth would likely settle it")
    elif pair.verdict == "undecided" and pair.low is not None:
        parts.append("more seeds alone would not settle it")
    return f"{network_title(pair.first)} to {network_title(pair.second)}: {'; '.join(parts)}"


def p_value_text(p_value: float) -> str:
    """Return a p value as it is usually written, such as `= 0.03` or `< 0.001`."""
    return "< 0.001" if p_value < 0.001 else f"= {p_value:.2g}"


def growth_as_json(found: Growth) -> dict[str, Any]:
    """Return a growth as JSON-ready values."""
    return {
        "quantity": found.quantity.name,
        "unit": found.quantity.unit,
        "margin": found.margin,
        "verdict": found.verdict,
        "pairs": [asdict(pair) for pair in found.pairs],
        "steps": [[step.first, step.second] for step in found.steps],
    }


def ends_of(pairs: Sequence[Pair]) -> dict[tuple[int, int], Pair]:
    """Return pairs by their two depths, shallower first."""
    return {(pair.first, pair.second): pair for pair in pairs}
