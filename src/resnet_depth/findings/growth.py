"""What was found of a quantity's growth with depth, in words."""

from collections.abc import Sequence

from resnet_depth.evidence.costs import BUSY
from resnet_depth.evidence.wording import (
    interval_name,
    listed,
    network_title,
    p_value_text,
    percent,
)
from resnet_depth.findings.claims import Claim, overall, shown
from resnet_depth.findings.depth_pairs import Growth, Pair


def growth_sentence(claim: Claim, *growths: Growth) -> str:
    """Return in words what one growth, or several, say of the claim that all quantities grow."""
    if not growths[0].steps:
        return f"Whether {claim.clause} can't be said: one depth was studied."
    verdict = overall(found.verdict for found in growths)
    if verdict != "supported":
        told = (_deciding(found) for found in growths if found.verdict == verdict)
        return claim.sentence(verdict, "; ".join(dict.fromkeys(told)))
    joint, limit = ", and", "zero"
    if len(growths) > 1:
        joint, limit = ";", f"its threshold ({' and '.join(map(_claimed_margin, growths))})"
    interval = f"the {interval_name(growths[0].confidence)} of every step lies above {limit}"
    return claim.sentence(verdict, f"{', and '.join(map(_course, growths))}{joint} {interval}")


def _course(found: Growth) -> str:
    """Return a quantity's means over the depths in words, such as `it rises from a to b`."""
    values = {depth: found.means.value({depth: 1.0}) for depth in found.means.runs}
    means = [f"{found.quantity.value(mean)} ({network_title(d)})" for d, mean in values.items()]
    return f"{found.quantity.noun} rises from {means[0]} to {listed(means[1:])}"


def _deciding(found: Growth) -> str:
    """Return in words the steps that decide a verdict but support, and what stood in the way."""
    steps = [step for step in found.steps if step.verdict == found.verdict]
    obstacles = list(dict.fromkeys(step.obstacle for step in steps if step.obstacle))
    below = [step for step in steps if step.high is not None and step.high < found.margin]
    if found.verdict == "contradicted" or obstacles:
        below = []
    others = [step for step in steps if step not in below and step.difference is not None]
    told = [f"{_change(found, step)} {between(step)}" for step in others]
    margin, remark = _claimed_margin(found) if found.margin else "", ""
    if BUSY in obstacles:
        return BUSY
    if found.verdict == "contradicted":
        remark = margin and f", although more than {margin} is claimed"
    elif not obstacles:
        limit = f"the claimed {margin}" if margin else "zero"
        remark = f", with {limit} inside the interval{'s' if len(told) > 1 else ''}"
    changes = f"{found.quantity.noun} changes by {listed(told)}{remark}" if told else ""
    return "; ".join(filter(None, [*obstacles, changes, _below(found, below, bool(told))]))


def _claimed_margin(found: Growth) -> str:
    """Return in words by how much more than nothing the quantity is claimed to grow."""
    (margin,), unit = found.quantity.changes([found.margin])
    return f"{margin} {unit}"


def _below(found: Growth, steps: Sequence[Pair], more: bool) -> str:
    """Return in words the steps that lie below the margin, but don't once they are corrected."""
    if not steps:
        return ""
    told = listed([f"{_change(found, step)} {between(step)}" for step in steps])
    subject = "it changes" if more else f"{found.quantity.noun} changes"
    worst = max(p for step in steps if (p := step.holm_p_value) is not None)
    than = f"less than the claimed {_claimed_margin(found)}" if found.margin else "a fall"
    return (
        f"{subject} by {told}, taken alone {than}, but undecided once p is corrected for the "
        f"number of pairs ({p_value_text(worst).removeprefix('= ')})"
    )


def between(pair: Pair) -> str:
    """Return from which network to which a pair leads."""
    return f"from {network_title(pair.first)} to {network_title(pair.second)}"


def _change(found: Growth, pair: Pair) -> str:
    """Return the change of a pair that has a difference, with its interval where there is one."""
    if pair.difference is None:
        raise ValueError(f"no difference to describe: {pair.obstacle}")
    ends = [] if pair.low is None or pair.high is None else [pair.low, pair.high]
    (change, *interval), unit = found.quantity.changes([pair.difference, *ends])
    if not ends:
        return f"{change} {unit}"
    return f"{change} {unit} ({interval_name(found.confidence)} {' to '.join(interval)})"


def pair_lines(found: Growth) -> tuple[str, ...]:
    """Return a line on each pair: change, interval, p value, verdict, what would settle it."""
    return tuple(_pair_line(found, pair) for pair in found.pairs)


def _pair_line(found: Growth, pair: Pair) -> str:
    """Return the line on one pair."""
    parts = ["no value that counts" if pair.difference is None else _change(found, pair)]
    if pair.holm_p_value is not None:
        parts.append(f"p {p_value_text(pair.holm_p_value)} (Holm)")
    parts += _run_by_run(pair)
    parts.append(f"{pair.n_first} and {pair.n_second} runs")
    reason = f" ({pair.obstacle})" if pair.obstacle else ""
    parts.append(f"{shown(pair.verdict, pair.obstacle)}{reason}")
    if pair.runs_needed is not None:
        parts.append(f"{pair.runs_needed} seeds per depth would likely settle it")
    elif pair.verdict == "undecided" and pair.low is not None:
        parts.append("more seeds alone would not settle it")
    return f"{between(pair).removeprefix('from ')}: {'; '.join(parts)}"


def _run_by_run(pair: Pair) -> list[str]:
    """Return in words how two depths' runs compare; nothing where that isn't known."""
    found = pair.run_by_run
    if found is None or found.permutation_p_value is None:
        return []
    least = p_value_text(found.least_permutation_p_value or 0).removeprefix("= ")
    share = percent(found.superiority or 0, 0)
    medians = listed([percent(each or 0) for each in (found.first_median, found.second_median)])
    return [
        f"medians {medians}",
        f"permutation p {p_value_text(found.permutation_p_value)} (smallest possible: {least})",
        f"{network_title(pair.second)} is better in {share} of all pairs of runs",
    ]
