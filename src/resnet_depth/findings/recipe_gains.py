"""What a recipe buys over the reference: at each depth, and whether depth then does otherwise.

Two questions, both about mean test accuracy over seeds and test images, which all networks share.
At each depth: is the recipe's accuracy another than the reference's? And from each depth to the
next, and from the shallowest to the deepest: does accuracy change otherwise than by the reference
(the interaction of recipe and depth)? p values are corrected (Holm) for the number of depths in the
first, of pairs in the second.
"""

from dataclasses import dataclass
from itertools import pairwise

from resnet_depth.evidence.contrasts import Means
from resnet_depth.evidence.wording import network_title
from resnet_depth.findings.differences import TestedDifference, differences, how_sure, more_or_less
from resnet_depth.runs.names import Network
from resnet_depth.training.settings import REFERENCE


@dataclass(frozen=True)
class RecipeGain:
    """What a recipe buys over the reference.

    `gains` has a difference a depth. `interactions`: for pairs of depths, how much more accuracy
    the deeper one gains by this recipe than by the reference.
    """

    recipe: str
    confidence: float
    gains: tuple[TestedDifference, ...]
    interactions: tuple[TestedDifference, ...]


def find_recipe_gains(means: Means[Network], confidence: float) -> tuple[RecipeGain, ...]:
    """Return what each other recipe buys over the reference; nothing where that isn't studied.

    `means` are of the test accuracies of all recipes at the same depths.
    """
    recipes = dict.fromkeys(network.recipe for network in means.runs)
    depths = list(dict.fromkeys(network.depth for network in means.runs))
    if REFERENCE not in recipes:
        return ()
    pairs = list(pairwise(depths))
    if len(depths) > 2:
        pairs.append((depths[0], depths[-1]))
    return tuple(
        RecipeGain(
            recipe,
            confidence,
            differences(means, {(d,): _gain(recipe, d) for d in depths}, confidence),
            differences(means, {p: _interaction(recipe, *p) for p in pairs}, confidence),
        )
        for recipe in recipes
        if recipe != REFERENCE
    )


def _gain(recipe: str, depth: int) -> dict[Network, float]:
    """Return the weights of a recipe's accuracy minus the reference's at one depth."""
    return {Network(recipe, depth): 1.0, Network(REFERENCE, depth): -1.0}


def _interaction(recipe: str, first: int, second: int) -> dict[Network, float]:
    """Return the weights of the gain at one depth minus that at a shallower one."""
    less = {network: -weight for network, weight in _gain(recipe, first).items()}
    return _gain(recipe, second) | less


def gain_sentences(gain: RecipeGain) -> tuple[str, ...]:
    """Return a sentence on each depth, then one on each pair of depths."""
    by = gain.recipe
    return (
        *(
            f"With {by}, {network_title(d.depths[0])} was {more_or_less(d)} accurate than with the "
            f"reference{how_sure(d, gain.confidence)}."
            for d in gain.gains
        ),
        *(
            f"Going from {network_title(d.depths[0])} to {network_title(d.depths[1])} brought "
            f"{more_or_less(d)} with {by} than with the reference{how_sure(d, gain.confidence)}."
            for d in gain.interactions
        ),
    )
