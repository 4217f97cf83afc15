"""Published studies as one: runs of the same settings, maybe made on several machines."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from resnet_depth.base.errors import UserError
from resnet_depth.commands.publishing.studies import epochs_of, settings_of
from resnet_depth.commands.publishing.study import Study
from resnet_depth.evidence.contrasts import Means, image_covariance
from resnet_depth.findings.claims import TEST_ACCURACY
from resnet_depth.findings.depth_pairs import Growth
from resnet_depth.findings.recipe_gains import RecipeGain, find_recipe_gains
from resnet_depth.runs.names import Network


def pooled(studies: Sequence[Study]) -> Means[int]:
    """Return what studies of the same settings together tell of the depths' test accuracies.

    Every run counts once. How the depths' means vary over test images is estimated from all runs'
    predictions; where early publications have none, each study's own estimates (see `contrasts`)
    are averaged, weighed by numbers of runs. The studies may differ in their seeds and processors
    alone.

    Raises:
        UserError: If they are of other images, depths or settings.
    """
    _require_poolable(studies)
    first = studies[0]
    runs = {depth: _accuracies(studies, depth) for depth in first.depths}
    right = {depth: _right(studies, depth) for depth in first.depths}
    known = {depth: found for depth, found in right.items() if found is not None}
    means = [each.accuracy_means for each in studies]
    if len(known) == len(right):
        return Means(runs, image_covariance(known), means[0].images)
    covariances = [each.image_covariance for each in means if each.image_covariance is not None]
    weights = [len(each.seeds) for each in studies]
    return Means(runs, np.average(covariances, axis=0, weights=weights), means[0].images)


def pooled_depths(studies: Sequence[Study], recipe: str) -> Growth:
    """Return how a recipe's test accuracy grows with depth, as claim 1 asks, by `pooled` studies.

    Raises:
        UserError: As `pooled`, or if a study hasn't the recipe.
    """
    means = pooled([each.by(recipe) for each in studies])
    return Growth(TEST_ACCURACY, means, studies[0].confidence, run_by_run=True)


def pooled_gains(studies: Sequence[Study]) -> tuple[RecipeGain, ...]:
    """Return what each recipe buys over the reference, by studies that all have the same ones.

    Raises:
        UserError: As `pooled`, for each recipe, or if a study has no predictions.
    """
    first, runs, right = studies[0], dict[Network, list[float]](), dict[Network, Any]()
    for recipe in first.recipes:
        parts = [each.by(recipe) for each in studies]
        _require_poolable(parts)
        for depth in first.depths:
            network = Network(recipe, depth)
            runs[network], right[network] = _accuracies(parts, depth), _right(parts, depth)
            if right[network] is None:
                raise UserError(f"{first.name} or another can't be pooled: has no predictions")
    means = Means(runs, image_covariance(right), first.accuracy_means.images)
    return find_recipe_gains(means, first.confidence)


def pooled_rows(studies: Sequence[Study], recipe: str, table: str) -> pd.DataFrame:
    """Return a recipe's rows of a table that has some for each run, such as `curves`.

    Raises:
        UserError: As `pooled`, or if a study hasn't the recipe.
    """
    parts = [each.by(recipe) for each in studies]
    _require_poolable(parts)
    rows: list[pd.DataFrame] = [getattr(each, table) for each in parts]
    return pd.concat(rows, ignore_index=True)


def _require_poolable(studies: Sequence[Study]) -> None:
    """Refuse studies that differ in more than seeds and processor."""
    first, *others = studies
    for other in others:
        if _all_settings(first) != _all_settings(other):
            raise UserError(
                f"{first.name} and {other.name} can't be pooled: they differ in more than seeds "
                "and processor"
            )


def _accuracies(studies: Sequence[Study], depth: int) -> list[float]:
    """Return the test accuracies of a depth's runs in all studies."""
    return [run for each in studies for run in each.accuracies[depth]]


def _right(studies: Sequence[Study], depth: int) -> NDArray[np.bool_] | None:
    """Return whether each run of all studies (rows) got each image right; None if one lacks it."""
    parts = [each.right(depth) for each in studies]
    known = [each for each in parts if each is not None]
    return np.concatenate(known) if len(known) == len(parts) else None


def _all_settings(study: Study) -> dict[int, dict[str, Any]]:
    """Return all that decides each of a study's networks, but seed and processor."""
    digest = study.provenance.dataset.digest
    common = {"images": digest, "epochs": epochs_of(study), "processor": None}
    return {depth: settings_of(study, depth) | common for depth in study.depths}
