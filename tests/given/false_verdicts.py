"""How often claim 1 gets a verdict where depths don't differ, by simulation of whole studies.

    PYTHONPATH=src:tests python tests/given/false_verdicts.py

Prints the table of docs/statistics.md; takes some minutes, and the same numbers come out each time.
"""

import argparse
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from given.simulated_study import Population, answers, collapsing, normal
from numpy.typing import NDArray

from resnet_depth.evidence.contrasts import Means, image_covariance
from resnet_depth.findings.claims import TEST_ACCURACY, Verdict
from resnet_depth.findings.depth_pairs import Growth

CONFIDENCE = 0.95
IMAGES, FIRST_RUNS, SECOND_RUNS = 10_000, 3, 4
# Of each kind of seeds the populations of three depths whose means are equal; names tell spreads.
KINDS: dict[str, dict[int, Population]] = {
    "normal, 0.2 each": dict.fromkeys((18, 34, 50), normal(0.7, 0.002)),
    "normal, 1 each": dict.fromkeys((18, 34, 50), normal(0.7, 0.01)),
    "normal, 0.5, 1 and 8": {
        18: normal(0.7, 0.005),
        34: normal(0.7, 0.01),
        50: normal(0.7, 0.08),
    },
    "normal, 1 each, one in four of the deepest collapsed": {
        18: normal(0.7, 0.01),
        34: normal(0.7, 0.01),
        50: collapsing(0.7, 0.01, 0.15),
    },
}


@dataclass(frozen=True)
class FalseVerdicts:
    """How often claim 1 was decided though there is no difference, fractions.

    `one` is by the first study; `two` by it or, where it left the claim open, by a second study
    with seeds of its own on the same test images.
    """

    one: float
    two: float


class _Means(Means):
    """Means without the number of seeds that would settle a pair, which takes long to find."""

    def runs_needed(self, *_: object, **__: object) -> None:
        """Leave the number open."""


def verdict(correct: Mapping[int, NDArray[np.bool_]]) -> Verdict:
    """Return the verdict on claim 1 by a study's answers, as the findings reach it."""
    runs = {depth: [float(run.mean()) for run in found] for depth, found in correct.items()}
    images = next(iter(correct.values())).shape[1]
    means = _Means(runs, image_covariance(correct), images)
    return Growth(TEST_ACCURACY, means, CONFIDENCE).verdict


def false_verdicts(
    populations: Mapping[int, Population], images: int, studies: int, seed: int
) -> FalseVerdicts:
    """Simulate pairs of studies of depths with equal means; return how often they decide."""
    random = np.random.default_rng(seed)
    decided = np.zeros((studies, 2), bool)
    for k in range(studies):
        correct = answers(populations, images, FIRST_RUNS + SECOND_RUNS, random)
        looks = slice(None, FIRST_RUNS), slice(FIRST_RUNS, None)
        decided[k] = [
            verdict({depth: runs[look] for depth, runs in correct.items()}) != "undecided"
            for look in looks
        ]
    return FalseVerdicts(float(decided[:, 0].mean()), float(decided.any(axis=1).mean()))


def table(studies: int) -> Iterator[str]:
    """Yield the lines of the table of false verdicts, in Markdown."""
    yield "| seeds (spread) | one look | two looks |"
    yield "| --- | --- | --- |"
    for name, populations in KINDS.items():
        found = false_verdicts(populations, IMAGES, studies, 0)
        yield f"| {name} | {found.one:.1%} | {found.two:.1%} |"


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--studies", type=int, default=10_000, help="simulated studies a row")
    for line in table(options.parse_args().studies):
        sys.stdout.write(line + "\n")
        sys.stdout.flush()
