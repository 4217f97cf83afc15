"""The study's claims, tested: effect, interval, verdict and the sentence a person would write."""

from collections.abc import Sequence
from pathlib import Path

from resnet_depth.base.files import write_json
from resnet_depth.evidence.contrasts import DepthMeans
from resnet_depth.evidence.costs import Cost, unshared_train_seconds
from resnet_depth.evidence.evidence import Evidence
from resnet_depth.findings.balance import find_balance
from resnet_depth.findings.claims import (
    MORE_ACCURATE,
    MORE_TIME,
    TEST_ACCURACY,
    TRAIN_SECONDS,
    Claim,
    Finding,
)
from resnet_depth.findings.convergence import find_convergence
from resnet_depth.findings.growth import (
    ONE_RUN,
    Growth,
    growth,
    growth_as_json,
    growth_sentence,
    pair_lines,
)
from resnet_depth.findings.settings import ClaimThresholds

ACCURACY_TEST = "t interval of the difference of means over seeds and test images (Satterthwaite)"
TIME_TEST = "Welch's t interval of the difference of means over seeds"


def find(evidence: Evidence, costs: Sequence[Cost], thresholds: ClaimThresholds) -> list[Finding]:
    """Return what the evidence says of each claim, in the claims' order.

    Args:
        evidence: All that was found of a dataset.
        costs: Of each depth, ascending.
        thresholds: What counts as slower and as higher, written down before the study ran.
    """
    confidence = evidence.confidence
    accuracy = growth(TEST_ACCURACY, evidence.accuracy_means, confidence)
    seconds = growth(
        TRAIN_SECONDS,
        DepthMeans(unshared_train_seconds(costs)),
        confidence,
        _few_timings(costs),
        _timing_obstacle(costs),
    )
    return [
        _grown(MORE_ACCURATE, accuracy, ACCURACY_TEST, evidence.mcnemar_records),
        _grown(MORE_TIME, seconds, TIME_TEST),
        find_balance(accuracy, seconds),
        find_convergence(
            evidence.curves, confidence, thresholds.slower_at_first, thresholds.higher_at_the_end
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
            "confidence": evidence.confidence,
            "verdict": finding.verdict,
            "sentence": finding.sentence,
            **finding.evidence,
        }
        for finding in findings
    ]
    write_json(path, {"claims": claims})


def _grown(
    claim: Claim, found: Growth, test: str, mcnemar: Sequence[dict[str, float]] | None = None
) -> Finding:
    """Return the finding on a claim that one quantity grows with depth."""
    evidence = {"test": test, **growth_as_json(found)}
    if mcnemar is not None:
        evidence["mcnemar"] = list(mcnemar)
    sentence = growth_sentence(claim, found)
    return Finding(claim, found.verdict, sentence, tuple(pair_lines(found)), evidence, found.span)


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
