"""The study's claims, tested: effect, interval, verdict and the sentence a person would write."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, NamedTuple

from resnet_depth.base.files import write_json
from resnet_depth.evidence.contrasts import Means
from resnet_depth.evidence.costs import BUSY, Cost
from resnet_depth.evidence.evidence import Evidence, StudyEvidence
from resnet_depth.findings.balance import Balance, find_balance
from resnet_depth.findings.claims import (
    MORE_ACCURATE,
    MORE_TIME,
    TEST_ACCURACY,
    TRAIN_SECONDS,
    Claim,
    Finding,
)
from resnet_depth.findings.convergence import Convergence, find_convergence
from resnet_depth.findings.depth_pairs import ONE_RUN, Growth, Pair
from resnet_depth.findings.growth import growth_sentence, pair_lines
from resnet_depth.findings.pruning import PruningFinding
from resnet_depth.findings.recipe_gains import RecipeGain
from resnet_depth.findings.settings import ClaimThresholds
from resnet_depth.findings.start_gains import StartGain
from resnet_depth.findings.time_to_accuracy import TimeToAccuracy


class Findings(NamedTuple):
    """What was found of each claim, in the claims' order."""

    accuracy: Finding[Growth]
    time: Finding[Growth]
    balance: Finding[Balance | str]
    convergence: Finding[Convergence]


def find(evidence: Evidence, costs: Sequence[Cost], thresholds: ClaimThresholds) -> Findings:
    """Return what the evidence of one recipe says of each claim."""
    confidence = evidence.confidence
    accuracy = Growth(TEST_ACCURACY, evidence.accuracy_means, confidence, run_by_run=True)
    timed = Means({cost.depth: [run.train_seconds for run in cost.counted] for cost in costs})
    seconds = Growth(TRAIN_SECONDS, timed, confidence, _few_timings(costs), _timing_obstacle(costs))
    margins = thresholds.slower_at_first, thresholds.higher_at_the_end
    return Findings(
        _grown(MORE_ACCURATE, accuracy),
        _grown(MORE_TIME, seconds),
        find_balance(accuracy, seconds),
        find_convergence(evidence.curves, confidence, *margins),
    )


def write_findings(
    path: Path,
    study: StudyEvidence,
    findings: Mapping[str, Findings],
    gains: Sequence[RecipeGain],
    times: Sequence[TimeToAccuracy],
    starts: Sequence[StartGain],
    pruned: Mapping[str, Sequence[PruningFinding]],
) -> None:
    """Write the findings, by recipe, as JSON in lists, which `dvc metrics` doesn't show.

    `gains` are the other recipes' over the reference, `times` theirs to its accuracy, `starts` what
    weights buy those that start from some; `pruned` is by recipe, too.
    """
    claims = [
        claim
        for recipe, found in findings.items()
        for claim in _claims_as_json(study.by_recipe[recipe], found)
    ]
    write_json(
        path,
        {
            "claims": claims,
            "recipes": [asdict(gain) for gain in gains],
            "times_to_reference": [asdict(time) for time in times],
            "starts": [asdict(start) for start in starts],
            "pruning": [
                {"recipe": recipe, **asdict(depth)}
                for recipe, depths in pruned.items()
                for depth in depths
            ],
        },
    )


def _claims_as_json(evidence: Evidence, findings: Findings) -> list[dict[str, Any]]:
    """Return what was found of each claim by one recipe as JSON-ready values."""
    claims = [
        {
            "claim": finding.claim.number,
            "name": finding.claim.name,
            "hypothesis": finding.claim.hypothesis,
            "dataset": evidence.card.key,
            "lossy": evidence.card.lossy,
            "recipe": evidence.recipe,
            "confidence": evidence.confidence,
            "verdict": finding.verdict,
            "sentence": finding.sentence,
            "test": finding.claim.test,
            **_as_json(finding.evidence),
        }
        for finding in findings
    ]
    claims[0]["mcnemar"] = evidence.mcnemar.to_dict("records")
    return claims


def _as_json(found: Growth | Balance | Convergence | str) -> dict[str, Any]:
    """Return what a finding rests on as JSON-ready values."""
    match found:
        case Growth():
            return {
                "quantity": found.quantity.name,
                "unit": found.quantity.unit,
                "margin": found.margin,
                "verdict": found.verdict,
                "pairs": [_pair_as_json(pair) for pair in found.pairs],
                "steps": [[step.first, step.second] for step in found.steps],
            }
        case Balance():
            return asdict(found)
        case Convergence():
            return {"first_epoch": _as_json(found.slower), "last_epoch": _as_json(found.higher)}
        case obstacle:
            return {"obstacle": obstacle}


def _pair_as_json(pair: Pair) -> dict[str, Any]:
    """Return a pair as JSON-ready values, how its runs compare among them."""
    values = asdict(pair)
    compared = values.pop("run_by_run") or {}
    return values | compared


def _grown(claim: Claim, found: Growth) -> Finding[Growth]:
    """Return the finding on a claim that one quantity grows with depth."""
    return Finding(claim, found.verdict, growth_sentence(claim, found), pair_lines(found), found)


def _few_timings(costs: Sequence[Cost]) -> str:
    """Return why a depth may have fewer than two training times that count."""
    return BUSY if any(cost.shared_runs for cost in costs) else ONE_RUN


def _timing_obstacle(costs: Sequence[Cost]) -> str | None:
    """Return why training times can't be compared, or None where they can."""
    if len({found for cost in costs for found in cost.conditions}) > 1:
        return "the runs were timed under different conditions"
    return None
