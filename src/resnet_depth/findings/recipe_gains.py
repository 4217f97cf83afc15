"""What a recipe buys over the reference: at each depth, and whether depth then does otherwise.

Two questions, both about mean test accuracy over seeds and test images, which all networks share.
At each depth: is the recipe's accuracy another than the reference's? And from each depth to the
next, and from the shallowest to the deepest: does accuracy change otherwise than by the reference
(the interaction of recipe and depth)? p values are corrected (Holm) for the number of depths in the
first, of pairs in the second.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from resnet_depth.evidence.contrasts import Means
from resnet_depth.evidence.evidence import StudyEvidence
from resnet_depth.evidence.hypotheses import holm
from resnet_depth.evidence.wording import (
    decimal,
    interval_name,
    network_title,
    p_value_text,
    points,
)
from resnet_depth.runs.names import Network
from resnet_depth.training.settings import REFERENCE


@dataclass(frozen=True)
class Difference:
    """A difference of mean test accuracies (fractions).

    `low`, `high` and the p values are None where the spread between seeds isn't known; it is
    `beyond_chance` where the interval leaves out zero and the corrected p value is small enough.
    """

    depths: tuple[int, ...]
    difference: float
    low: float | None = None
    high: float | None = None
    p_value: float | None = None
    holm_p_value: float | None = None
    beyond_chance: bool = False


@dataclass(frozen=True)
class RecipeGain:
    """What a recipe buys over the reference.

    `gains` has a difference a depth. `interactions`: for pairs of depths, how much more accuracy
    the deeper one gains by this recipe than by the reference.
    """

    recipe: str
    confidence: float
    gains: tuple[Difference, ...]
    interactions: tuple[Difference, ...]


def find_recipe_gains(study: StudyEvidence) -> tuple[RecipeGain, ...]:
    """Return what each other recipe buys over the reference; nothing where that isn't studied."""
    if REFERENCE not in study.recipes:
        return ()
    confidence, depths = study.first.confidence, study.first.depths
    means = study.accuracy_means
    pairs = list(pairwise(depths))
    if len(depths) > 2:
        pairs.append((depths[0], depths[-1]))
    return tuple(
        RecipeGain(
            recipe,
            confidence,
            _differences(means, {(d,): _gain(recipe, d) for d in depths}, confidence),
            _differences(means, {p: _interaction(recipe, *p) for p in pairs}, confidence),
        )
        for recipe in study.recipes
        if recipe != REFERENCE
    )


def _gain(recipe: str, depth: int) -> dict[Network, float]:
    """Return the weights of a recipe's accuracy minus the reference's at one depth."""
    return {Network(recipe, depth): 1.0, Network(REFERENCE, depth): -1.0}


def _interaction(recipe: str, first: int, second: int) -> dict[Network, float]:
    """Return the weights of the gain at one depth minus that at a shallower one."""
    less = {network: -weight for network, weight in _gain(recipe, first).items()}
    return _gain(recipe, second) | less


def _differences(
    means: Means[Network],
    weights: Mapping[tuple[int, ...], Mapping[Network, float]],
    confidence: float,
) -> tuple[Difference, ...]:
    """Return the difference that each depths' weights make, corrected for their number."""
    effects = {depths: means.contrast(each, confidence) for depths, each in weights.items()}
    corrected = iter(holm([found.p_value for found in effects.values() if found]))
    made = []
    for depths, found in effects.items():
        told: tuple[Any, ...] = ()
        if found is not None:
            p = next(corrected)
            beyond = not found.low <= 0 <= found.high and p < 1 - confidence
            told = found.low, found.high, found.p_value, p, beyond
        made.append(Difference(depths, means.value(weights[depths]), *told))
    return tuple(made)


def gain_sentences(gain: RecipeGain) -> tuple[str, ...]:
    """Return a sentence on each depth, then one on each pair of depths."""
    by = gain.recipe
    return (
        *(
            f"{network_title(d.depths[0])} by {by} got {_more(d)} of accuracy than by the "
            f"reference{_how_sure(d, gain.confidence)}."
            for d in gain.gains
        ),
        *(
            f"Going from {network_title(d.depths[0])} to {network_title(d.depths[1])} brought "
            f"{_more(d)} by {by} than by the reference{_how_sure(d, gain.confidence)}."
            for d in gain.interactions
        ),
    )


def _more(found: Difference) -> str:
    """Return a difference's size and direction, such as `1.2 points more`."""
    size = decimal(100 * abs(found.difference))
    return f"{size} points {'less' if found.difference < 0 else 'more'}"


def _how_sure(found: Difference, confidence: float) -> str:
    """Return how sure a difference is, with its interval."""
    if found.low is None or found.high is None or found.holm_p_value is None:
        return "; too few runs, or equal ones, to tell whether that is chance"
    interval = f"{interval_name(confidence)} {points(found.low)} to {points(found.high)}"
    sure = "beyond chance" if found.beyond_chance else "not told from chance"
    return f", {sure} ({interval}; corrected p {p_value_text(found.holm_p_value)})"
