"""The answer in three sentences: what depth bought, what it cost, and how sure that is.

Every wording follows from a verdict or an interval of the findings, so that it can't say more than
they do. Accuracy is told in percentage points of the test images.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from resnet_depth.evidence.costs import BUSY, Cost, conditions
from resnet_depth.evidence.evidence import Evidence
from resnet_depth.evidence.wording import (
    count,
    decimal,
    duration,
    interval_name,
    listed,
    network_title,
    percent,
    plural,
    points,
    spread_percent,
)
from resnet_depth.findings.claims import Finding
from resnet_depth.findings.depth_pairs import ONE_RUN, Growth, Pair
from resnet_depth.findings.find import Findings
from resnet_depth.findings.growth import between


@dataclass(frozen=True)
class Answer:
    """Three sentences, each to be understood alone."""

    bought: str
    cost: str
    certainty: str


def answer(evidence: Evidence, costs: Sequence[Cost], findings: Findings) -> Answer:
    """Return what the findings on accuracy and training time answer to the study's question."""
    accuracy, time = findings.accuracy.evidence, findings.time.evidence
    if accuracy.span is None or time.span is None:
        return _of_one_depth(evidence, costs[0])
    return Answer(
        bought=_bought(evidence, accuracy, accuracy.span),
        cost=_cost(costs[0], costs[-1], time.span),
        certainty=f"{_accuracy_is_sure(evidence, accuracy, accuracy.span)}; "
        f"{_time_is_sure(findings.time, len(accuracy.steps))}.",
    )


def _of_one_depth(evidence: Evidence, cost: Cost) -> Answer:
    """Return the answer of a study that has nothing to compare."""
    name = network_title(cost.depth)
    found = evidence.estimates[cost.depth]
    spread = "one training gives no interval"
    if found.half_width is not None:
        spread = (
            f"its mean accuracy is {spread_percent(found.mean, found.half_width)} "
            f"({interval_name(evidence.confidence)} over {found.n} trainings)"
        )
    return Answer(
        bought=f"One depth can't tell: {name} classified {percent(found.mean)} of the test images "
        "correctly, and there is nothing to compare it with.",
        cost=f"{name} has {count(cost.size.parameters)} parameters and needs "
        f"{duration(cost.latency.deployed.single.median_seconds)} to classify an image.",
        certainty=f"For {name} alone, {spread}; to learn what depth buys, add a second depth to "
        "the study.",
    )


def _bought(evidence: Evidence, accuracy: Growth, span: Pair) -> str:
    """Return what became of accuracy, in words that fit the verdict and no other."""
    scores, steps, verdict = _scores(evidence, span), accuracy.steps, accuracy.verdict
    everywhere = " at every step" if len(steps) > 1 else ""
    if verdict == "supported":
        return f"More accuracy{everywhere}: {_scores(evidence, span, 'more')}."
    if verdict == "undecided":
        return _bought_undecided(evidence, steps, span)
    falls = [step for step in steps if step.verdict == "contradicted"]
    if len(falls) == len(steps):
        return f"Less accuracy{everywhere}: {_scores(evidence, span, 'less')}."
    return f"Accuracy didn't rise at every step: it fell by {_told(falls)}; overall, {scores}."


def _bought_undecided(evidence: Evidence, steps: Sequence[Pair], span: Pair) -> str:
    """Return what became of accuracy where the claim that it grows is undecided."""
    scores = _scores(evidence, span)
    rises = [step for step in steps if step.verdict == "supported"]
    if rises:
        open_steps = listed([between(step) for step in steps if step not in rises])
        return (
            f"More accuracy at some steps: it rose by {_told(rises)}, while {open_steps} any "
            f"change may be chance; overall, {scores}."
        )
    if span.obstacle:
        return f"That is open: {scores}, but {span.obstacle}."
    if _left_open_by_correction(span):
        return f"No gain in accuracy, and maybe a loss: {_scores(evidence, span, 'less')}."
    if span.verdict == "undecided":
        return f"No gain in accuracy beyond chance: {scores}."
    more = "more" if span.verdict == "supported" else "less"
    return (
        f"{more.capitalize()} accuracy overall, though no single step shows it: "
        f"{_scores(evidence, span, more)}."
    )


def _cost(first: Cost, last: Cost, time: Pair) -> str:
    """Return how many times the shallowest network's costs the deepest one's are."""
    factors, missing = [], dict[str, list[str]]()
    trained = {found for cost in (first, last) for found in cost.conditions}
    if first.train_seconds and last.train_seconds and len(trained) == 1:
        seconds = last.train_seconds.mean, first.train_seconds.mean
        factors.append(_factor("the training time", *seconds, duration))
    else:
        missing.setdefault(time.obstacle or ONE_RUN, []).append("the training time")
    latencies = last.latency, first.latency
    one_image = "the time to classify one image"
    if any(one.shared for one in latencies):
        missing.setdefault(BUSY, []).append(one_image)
    elif len(set(map(conditions, latencies))) > 1:
        missing.setdefault("timed under different conditions", []).append(one_image)
    else:
        deep, shallow = (one.deployed.single.median_seconds for one in latencies)
        factors.append(_factor(one_image, deep, shallow, duration))
    sizes = last.size.parameters, first.size.parameters
    factors.append(_factor("the parameters", *sizes, count))
    names = f"Compared with {network_title(first.depth)}, {network_title(last.depth)} needed"
    left_out = [f"not shown: {listed(whats)} ({why})" for why, whats in missing.items()]
    return "; ".join([f"{names} {listed(factors)}", *left_out]) + "."


def _accuracy_is_sure(evidence: Evidence, accuracy: Growth, span: Pair) -> str:
    """Return how sure what was said of accuracy is, for the difference that decides it."""
    basis = (
        f"{plural(len(evidence.seeds), 'training')} per depth and "
        f"{evidence.card.counts['test']:,} test images"
    )
    subject = _subject(accuracy, span)
    if subject.low is None or subject.high is None:
        return f"Nothing is certain about accuracy, because {basis} give no interval"
    ends = f"{points(subject.low)} to {points(subject.high)} percentage points"
    least = decimal(min(50 * (subject.high - subject.low), 100))
    interval = interval_name(evidence.confidence)
    if subject.verdict == "undecided":
        needed = ""
        if subject.runs_needed is not None:
            needed = f" (about {subject.runs_needed:,} trainings per depth would likely settle it)"
        if _left_open_by_correction(subject):
            return (
                f"Taken alone, the loss in accuracy {between(subject)} would be beyond chance "
                f"({points(subject.difference or 0)} percentage points, {interval} {ends}, from "
                f"{basis}); as one of several comparisons it isn't quite{needed}"
            )
        return (
            f"The true change in accuracy {between(subject)} may be anything from {ends} "
            f"({interval}), because {basis} can't distinguish a change below about {least} points "
            f"from chance{needed}"
        )
    change = "gain" if subject.verdict == "supported" else "loss"
    return (
        f"The {change} in accuracy {between(subject)} is beyond chance, and its true size is "
        f"likely within {ends} ({interval}, from {basis})"
    )


def _left_open_by_correction(pair: Pair) -> bool:
    """Return whether a fall's interval leaves zero out, but not for as many pairs as there are."""
    return pair.verdict == "undecided" and pair.high is not None and pair.high < 0


def _time_is_sure(found: Finding[Growth], steps: int) -> str:
    """Return how sure it is that training takes longer."""
    everywhere = " at every step" if steps > 1 else ""
    return {
        "supported": f"the longer training{everywhere} is beyond chance",
        "contradicted": f"training did not get longer{everywhere}, and that is beyond chance",
        "undecided": f"whether training takes longer{everywhere} is {found.shown}",
    }[found.verdict]


def _subject(accuracy: Growth, span: Pair) -> Pair:
    """Return the difference that the answer turns on."""
    steps, verdict = accuracy.steps, accuracy.verdict
    if verdict == "contradicted":
        falls = [step for step in steps if step.verdict == "contradicted"]
        return span if len(falls) == len(steps) else min(falls, key=_difference)
    if verdict == "undecided" and any(step.verdict == "supported" for step in steps):
        open_steps = [step for step in steps if step.verdict == "undecided"]
        return next((step for step in open_steps if step.low is not None), span)
    return span


def _scores(evidence: Evidence, span: Pair, more: str = "") -> str:
    """Return the mean accuracies of the deepest and the shallowest network.

    And by how much the first is `more`, or «less», if that is asked for.
    """
    high, low = (percent(evidence.estimates[depth].mean) for depth in (span.second, span.first))
    deep, shallow = network_title(span.second), network_title(span.first)
    other = f"{shallow} {low}"
    if more:
        other = f"{_size(span)} percentage points {more} than {shallow} ({low})"
    return f"{deep} classified {high} of the test images correctly, {other}"


def _told(steps: Sequence[Pair]) -> str:
    """Return by how many points accuracy changed at some steps, without signs."""
    return listed([f"{_size(step)} percentage points {between(step)}" for step in steps])


def _difference(step: Pair) -> float:
    """Return a step's difference; every depth has accuracies, so there is one."""
    if step.difference is None:
        raise ValueError(f"no difference {between(step)}")
    return step.difference


def _size(step: Pair) -> str:
    """Return the size of a difference in percentage points, never rounded to nothing."""
    size = 100 * abs(_difference(step))
    return decimal(size, 1 if size >= 0.05 else 2)


def _factor(what: str, deep: float, shallow: float, written: Callable[[float], str]) -> str:
    """Return how many times as much the deeper network has of something, and from what to what."""
    return f"{decimal(deep / shallow)} times {what} ({written(deep)} instead of {written(shallow)})"
