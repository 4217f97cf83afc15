"""Published studies beside each other, and several of them as one.

Those that trained on the same images and kept the same ones for validation can be compared by
their accuracies on these: after the last epoch that all of them have, which nothing in the later
ones changes as long as the step size is constant.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import fmean
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from resnet_depth.base.errors import UserError
from resnet_depth.commands.publishing.study import Study
from resnet_depth.evidence.contrasts import Means, image_covariance
from resnet_depth.evidence.hypotheses import holm
from resnet_depth.evidence.statistics import Effect, Estimate, estimate_mean
from resnet_depth.evidence.wording import listed
from resnet_depth.findings.claims import TEST_ACCURACY
from resnet_depth.findings.depth_pairs import Growth
from resnet_depth.findings.recipe_gains import RecipeGain, find_recipe_gains
from resnet_depth.runs.names import Network

# What decides which images a study keeps for validation.
DIVISION = ("seed", "validation_fraction", "test_fraction")


@dataclass(frozen=True)
class Row:
    """One study's runs of one network; all but the first study's have a difference to those.

    `differing` tells the settings that do; `accuracy` is on the validation images; `cost` is what
    costs.json tells, `epoch_seconds` how long an epoch took on average; `effect` is Welch's.
    """

    depth: int
    differing: str
    accuracy: Estimate
    cost: Mapping[str, Any]
    epoch_seconds: float
    difference: float | None = None
    effect: Effect | None = None
    holm_p_value: float | None = None


@dataclass(frozen=True)
class Comparison:
    """Studies beside the first of them, after an epoch that all have; rows by network."""

    first: Study
    epoch: int
    rows: tuple[Row, ...]


def compare(studies: Sequence[Study]) -> Comparison:
    """Compare two or more studies with the first of them.

    Each network that another one shares with the first has a row for every study that has it.

    Raises:
        UserError: If there is nothing to compare: fewer than two studies, other images, no network
            in common, or step sizes that depend on the number of epochs.
    """
    first, *others = studies
    if not others:
        raise UserError(f"{first.name}: a comparison needs two or more published studies")
    for other in others:
        _require_comparable(first, other)
    epoch = min(_epochs(each) for each in studies)
    rows: list[Row] = []
    for depth in first.depths:
        having = [other for other in others if depth in other.depths]
        rows += _rows([first, *having], depth, epoch) if having else []
    corrected = iter(holm([row.effect.p_value for row in rows if row.effect]))
    rows = [replace(row, holm_p_value=next(corrected)) if row.effect else row for row in rows]
    return Comparison(first, epoch, tuple(rows))


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


def _require_comparable(first: Study, other: Study) -> None:
    """Refuse studies whose accuracies are of other images or of other moments of training."""
    both = (first, other)
    datasets = [each.provenance.dataset for each in both]
    divisions = [[each.params["prepare"][key] for key in DIVISION] for each in both]
    recipes = [each.settings(each.depths[0]) for each in both]
    steady = all(own["schedule"] == "constant" and not own["warmup_epochs"] for own in recipes)
    obstacle = None
    if datasets[0].digest != datasets[1].digest or divisions[0] != divisions[1]:
        keys = ", ".join(f"prepare.{key}" for key in DIVISION)
        obstacle = f"kept other images for validation; allowed: the same dataset and {keys}"
    elif not datasets[0].counts["validation"]:
        obstacle = "kept no images for validation; allowed: prepare.validation_fraction above 0"
    elif not set(first.depths) & set(other.depths):
        obstacle = "have no network in common"
    elif _epochs(first) != _epochs(other) and not steady:
        obstacle = (
            "have step sizes that depend on numbers of epochs, which differ; allowed: equal "
            "numbers, or schedule constant without warm-up"
        )
    if obstacle:
        raise UserError(f"{first.name} and {other.name} can't be compared: they {obstacle}")


def _rows(studies: Sequence[Study], depth: int, epoch: int) -> list[Row]:
    """Return a network's row of each study; the others' are compared with the first one's."""
    settings = [_settings(each, depth) for each in studies]
    # A study of an earlier version may lack a key that came later.
    all_keys = dict.fromkeys(key for one in settings for key in one)
    keys = [key for key in all_keys if len({str(one.get(key)) for one in settings}) > 1]
    confidence = studies[0].confidence
    accuracies = [study.curve(depth, epoch)["validation_accuracy"].tolist() for study in studies]
    rows: list[Row] = []
    for study, own, values in zip(studies, settings, accuracies, strict=True):
        shown = [key for key in keys if not rows or own.get(key) != settings[0].get(key)]
        to_first, means = {0: -1, 1: 1}, Means({0: accuracies[0], 1: values})
        cost = study.cost(depth)
        row = Row(
            depth=depth,
            differing=", ".join(f"{key} {own.get(key, 'unset')}" for key in shown) or "nothing",
            accuracy=estimate_mean(values, confidence),
            cost=cost,
            epoch_seconds=train_seconds(cost) / _epochs(study),
            difference=means.value(to_first) if rows else None,
            effect=means.contrast(to_first, confidence) if rows else None,
        )
        rows.append(row)
    return rows


def _settings(study: Study, depth: int) -> dict[str, Any]:
    """Return by what a study's network of a depth can come out otherwise than another one's.

    That is after as many epochs: how many there are in all is told apart.
    """
    division = {key: study.params["prepare"][key] for key in DIVISION}
    recipe = {key: value for key, value in study.settings(depth).items() if key != "epochs"}
    processors = {machine.processor for machine in study.provenance.machine_classes}
    return {
        **{f"`{key}`": value for key, value in (division | recipe).items()},
        "processor": listed(sorted(processors)),
    }


def _all_settings(study: Study) -> dict[int, dict[str, Any]]:
    """Return all that decides each of a study's networks, but seed and processor."""
    digest = study.provenance.dataset.digest
    common = {"images": digest, "epochs": _epochs(study), "processor": None}
    return {depth: _settings(study, depth) | common for depth in study.depths}


def train_seconds(cost: Mapping[str, Any]) -> float:
    """Return a depth's mean training time, of the runs that count or, where none does, of all."""
    if cost["train_seconds"]:
        return float(cost["train_seconds"]["mean"])
    return fmean(run["train_seconds"] for run in cost["runs"])


def _epochs(study: Study) -> int:
    """Return how many epochs a study trained, the same for all of its networks."""
    return int(study.training(study.depths[0])["epochs"])
