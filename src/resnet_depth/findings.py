"""The study's claims, tested: effect, interval, verdict and the sentence a person would write."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path

from resnet_depth.claims import ACCURACY, TRAINING_TIME, Claim
from resnet_depth.costs import Cost, conditions, unshared_train_seconds
from resnet_depth.depth_steps import TEST, Step, Verdict, compare, overall
from resnet_depth.evidence import Evidence
from resnet_depth.files import write_json
from resnet_depth.wording import decimal, interval_name, listed, network_title

ONE_RUN = "a single run tells no spread"


@dataclass(frozen=True)
class Finding:
    """A claim with what the evidence says of it.

    `steps` are between neighbouring depths and decide the verdict; `span`, from the shallowest
    to the deepest, tells the size of the whole and is None with fewer than two depths.
    """

    claim: Claim
    steps: tuple[Step, ...]
    span: Step | None
    verdict: Verdict
    sentence: str


def find(evidence: Evidence, costs: Sequence[Cost]) -> list[Finding]:
    """Return what the evidence says of each claim, in the claims' order."""
    seconds = unshared_train_seconds(costs)
    return [
        _growth(ACCURACY, evidence.accuracies, evidence.confidence, ONE_RUN),
        _growth(
            TRAINING_TIME,
            seconds,
            evidence.confidence,
            _few_timings(costs),
            _timing_obstacle(costs),
        ),
    ]


def write_findings(path: Path, findings: Sequence[Finding], evidence: Evidence) -> None:
    """Write the findings as JSON, in one list, which `dvc metrics` leaves out of its tables."""
    claims = [
        {
            "claim": finding.claim.number,
            "name": finding.claim.name,
            "hypothesis": finding.claim.hypothesis,
            "dataset": evidence.card.key,
            "lossy": evidence.card.lossy,
            "test": TEST,
            "confidence": evidence.confidence,
            "quantity": finding.claim.quantity,
            "unit": finding.claim.unit,
            "steps": [asdict(step) for step in finding.steps],
            "span": asdict(finding.span) if finding.span else None,
            "verdict": finding.verdict,
            "sentence": finding.sentence,
        }
        for finding in findings
    ]
    write_json(path, {"claims": claims})


def trade(findings: Sequence[Finding], costs: Sequence[Cost], confidence: float) -> str:
    """Return in a sentence what the deepest network gives and takes beside the shallowest.

    Args:
        findings: As `find` returns them.
        costs: Of each depth, ascending.
        confidence: Of the intervals.
    """
    first, last = costs[0], costs[-1]
    if first is last:
        return f"One depth was studied, {network_title(first.depth)}: there is nothing to compare."
    spans = {finding.claim.name: finding.span for finding in findings}
    accuracy = spans[ACCURACY.name]
    if accuracy is None or accuracy.difference is None:
        raise ValueError("every depth has accuracies, so there is a difference")
    change = ACCURACY.change(accuracy.difference, accuracy.low, accuracy.high, confidence)
    factors = [("the parameters", last.parameters / first.parameters)]
    if _comparable(first, last):
        slow, quick = (cost.latency.deployed.single.median_seconds for cost in (last, first))
        factors.append(("the time to classify an image", slow / quick))
    if first.train_seconds and last.train_seconds and not _timing_obstacle([first, last]):
        ratio = last.train_seconds.mean / first.train_seconds.mean
        factors.insert(0, ("the training time", ratio))
    times = listed([f"{decimal(factor)} times {what}" for what, factor in factors])
    return (
        f"Going from {network_title(first.depth)} to {network_title(last.depth)} changed mean "
        f"test accuracy by {change}, at {times}."
    )


def _comparable(first: Cost, second: Cost) -> bool:
    """Return whether two depths' inference times count and were taken under equal conditions."""
    latencies = first.latency, second.latency
    shared = any(latency.shared for latency in latencies)
    return not shared and len(set(map(conditions, latencies))) == 1


def describe(finding: Finding, confidence: float) -> list[str]:
    """Return a line on each step: change, interval, verdict, and what stood in the way.

    Args:
        finding: What to describe.
        confidence: Of the intervals.
    """
    lines = []
    for step in finding.steps:
        names = f"{network_title(step.first)} to {network_title(step.second)}"
        change = "no value that counts"
        if step.difference is not None:
            change = finding.claim.change(step.difference, step.low, step.high, confidence)
        reason = f" ({step.obstacle})" if step.obstacle else ""
        seeds = f"{step.n_first} and {step.n_second} runs"
        lines.append(f"{names}: {change}; {seeds}; {step.verdict}{reason}")
    return lines


def _growth(
    claim: Claim,
    groups: dict[int, list[float]],
    confidence: float,
    too_few: str,
    obstacle: str | None = None,
) -> Finding:
    """Test that a quantity grows with depth.

    Args:
        claim: What is claimed.
        groups: The values that count of each depth, by ascending depth.
        confidence: Of the intervals.
        too_few: Why nothing can be decided where a depth has fewer than two values.
        obstacle: Why nothing can be decided whatever the values, or None.
    """
    depths = list(groups)
    steps = tuple(compare(a, b, groups, confidence, too_few, obstacle) for a, b in pairwise(depths))
    span = compare(depths[0], depths[-1], groups, confidence, too_few, obstacle) if steps else None
    verdict = overall(steps)
    return Finding(
        claim, steps, span, verdict, _sentence(claim, groups, steps, verdict, confidence)
    )


def _few_timings(costs: Sequence[Cost]) -> str:
    """Return why a depth may have fewer than two training times that count."""
    if any(cost.shared_runs for cost in costs):
        return (
            "fewer than two of a depth's runs had the machine to themselves, and the others' "
            "times don't count"
        )
    return ONE_RUN


def _timing_obstacle(costs: Sequence[Cost]) -> str | None:
    """Return why training times can't be compared, or None where they can."""
    if len({found for cost in costs for found in cost.conditions}) > 1:
        return "the runs were timed under different conditions"
    return None


def _sentence(
    claim: Claim,
    groups: dict[int, list[float]],
    steps: Sequence[Step],
    verdict: Verdict,
    confidence: float,
) -> str:
    """Return the finding in words."""
    opening = claim.hypothesis[0].lower() + claim.hypothesis[1:]
    if not steps:
        return f"Whether {opening} can't be said: one depth was studied."
    if verdict == "supported":
        means = [
            f"{claim.value(sum(values) / len(values))} ({network_title(depth)})"
            for depth, values in groups.items()
        ]
        path = f"{' over '.join(means[:-1])} to {means[-1]}"
        interval = f"the {interval_name(confidence)} of every step lies above zero"
        return f"{claim.hypothesis}: {claim.noun} rises from {path}, and {interval}."
    deciding = [step for step in steps if step.verdict == verdict]
    obstacles = list(dict.fromkeys(step.obstacle for step in deciding if step.obstacle))
    told = [
        describe_step(claim, step, confidence) for step in deciding if step.difference is not None
    ]
    changes = f"{claim.noun} changes by {listed(told)}" if told else ""
    if verdict == "contradicted":
        return f"It is not so that {opening}: {changes}."
    if not obstacles:
        changes += ", where zero is not ruled out"
    return f"Whether {opening} is undecided: {'; '.join(filter(None, [*obstacles, changes]))}."


def describe_step(claim: Claim, step: Step, confidence: float) -> str:
    """Return a step's change in words, with its interval where there is one.

    Args:
        claim: What the step is part of.
        step: One with a difference.
        confidence: Of the interval.

    Raises:
        ValueError: If the step has no difference.
    """
    if step.difference is None:
        raise ValueError(f"no difference to describe: {step.obstacle}")
    change = claim.change(step.difference, step.low, step.high, confidence)
    return f"{change} from {network_title(step.first)} to {network_title(step.second)}"
