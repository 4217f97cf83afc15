"""What trained weights buy as a start: beside the same training from scratch.

Compared are recipes that differ in nothing but what they start from and how much of that they
freeze. p values are corrected (Holm) for the number of depths.
"""

from dataclasses import dataclass

from resnet_depth.evidence.evidence import Evidence, StudyEvidence
from resnet_depth.evidence.wording import network_title
from resnet_depth.findings.differences import TestedDifference, differences, how_sure, more_or_less
from resnet_depth.runs.names import Network
from resnet_depth.training.settings import FROM_SCRATCH


@dataclass(frozen=True)
class StartGain:
    """What weights buy.

    `recipe` starts from the weights called `title`, `scratch` is the recipe without them; both saw
    `images` training images, at the first depth and seed. `gains` has a difference a depth.
    """

    recipe: str
    scratch: str
    title: str
    images: int
    confidence: float
    gains: tuple[TestedDifference, ...]


def find_start_gains(study: StudyEvidence) -> tuple[StartGain, ...]:
    """Return what weights buy each recipe whose training from scratch is studied too.

    In the order of how many images they saw.
    """
    found, means = [], study.accuracy_means
    for recipe, own in study.by_recipe.items():
        scratch = _without_weights(own, study)
        first = own.first_training
        if scratch is None or first.weights_title is None:
            continue
        weights: dict[tuple[int, ...], dict[Network, float]] = {
            (depth,): {Network(recipe, depth): 1.0, Network(scratch, depth): -1.0}
            for depth in own.depths
        }
        gains = differences(means, weights, own.confidence)
        found.append(
            StartGain(
                recipe, scratch, first.weights_title, first.train_images, own.confidence, gains
            )
        )
    return tuple(sorted(found, key=lambda gain: gain.images))


def _without_weights(own: Evidence, study: StudyEvidence) -> str | None:
    """Return the recipe that differs only in starting from scratch, if it is studied."""
    if own.settings.weights == FROM_SCRATCH:
        return None
    wanted = own.settings.model_copy(update={"weights": FROM_SCRATCH, "freeze": "none"})
    matching = (recipe for recipe, each in study.by_recipe.items() if each.settings == wanted)
    return next(matching, None)


def start_gain_sentences(gain: StartGain) -> tuple[str, ...]:
    """Return a sentence on each depth."""
    return tuple(
        f"Trained on {gain.images:,} images with {gain.recipe}, which starts from {gain.title}, "
        f"{network_title(d.depths[0])} was {more_or_less(d)} accurate than with {gain.scratch}, "
        f"from scratch{how_sure(d, gain.confidence)}."
        for d in gain.gains
    )
