"""Published studies beside each other; several of them as one are in `pooling`.

Those that trained on the same images and kept the same ones for validation can be compared by
their accuracies on these: after the last epoch that all of them have, which nothing in the later
ones changes as long as the step size is constant.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import fmean
from typing import Any

from resnet_depth.base.errors import UserError
from resnet_depth.commands.publishing.study import Study
from resnet_depth.evidence.contrasts import Means
from resnet_depth.evidence.hypotheses import holm
from resnet_depth.evidence.statistics import Effect, Estimate, estimate_mean
from resnet_depth.evidence.wording import listed

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
    epoch = min(epochs_of(each) for each in studies)
    rows: list[Row] = []
    for depth in first.depths:
        having = [other for other in others if depth in other.depths]
        rows += _rows([first, *having], depth, epoch) if having else []
    corrected = iter(holm([row.effect.p_value for row in rows if row.effect]))
    rows = [replace(row, holm_p_value=next(corrected)) if row.effect else row for row in rows]
    return Comparison(first, epoch, tuple(rows))


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
    elif epochs_of(first) != epochs_of(other) and not steady:
        obstacle = (
            "have step sizes that depend on numbers of epochs, which differ; allowed: equal "
            "numbers, or schedule constant without warm-up"
        )
    if obstacle:
        raise UserError(f"{first.name} and {other.name} can't be compared: they {obstacle}")


def _rows(studies: Sequence[Study], depth: int, epoch: int) -> list[Row]:
    """Return a network's row of each study; the others' are compared with the first one's."""
    settings = [settings_of(each, depth) for each in studies]
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
            epoch_seconds=train_seconds(cost) / epochs_of(study),
            difference=means.value(to_first) if rows else None,
            effect=means.contrast(to_first, confidence) if rows else None,
        )
        rows.append(row)
    return rows


def settings_of(study: Study, depth: int) -> dict[str, Any]:
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


def train_seconds(cost: Mapping[str, Any]) -> float:
    """Return a depth's mean training time, of the runs that count or, where none does, of all."""
    if cost["train_seconds"]:
        return float(cost["train_seconds"]["mean"])
    return fmean(run["train_seconds"] for run in cost["runs"])


def epochs_of(study: Study) -> int:
    """Return how many epochs a study trained, the same for all of its networks."""
    return int(study.training(study.depths[0])["epochs"])
