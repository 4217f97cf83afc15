"""Published studies beside each other: which settings each changed, and what that changed.

They trained on the same images and kept the same ones for validation, so their accuracies on these
can be compared: after the last epoch that all of them have, which nothing in the later ones
changes as long as the step size is constant.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from resnet_depth.base.errors import UserError
from resnet_depth.commands.publishing.published_table import (
    SHARED_MARK,
    SHARED_NOTE,
    plus_minus,
    published_train_seconds,
    study_title,
    wrapped,
)
from resnet_depth.commands.publishing.study import Publication
from resnet_depth.evidence.hypotheses import holm
from resnet_depth.evidence.statistics import (
    Effect,
    Estimate,
    effect,
    estimate_mean,
    variance_of_mean,
)
from resnet_depth.evidence.wording import (
    count,
    duration_unit,
    interval_name,
    listed,
    network_title,
    points,
    significant,
)
from resnet_depth.findings.growth import p_value_text

# What decides which images a study keeps for validation.
_DIVISION = ("seed", "validation_fraction", "test_fraction")
_COLUMNS = (
    "Network",
    "What differs",
    "Seeds",
    "Accuracy",
    "Difference",
    "p",
    "An epoch",
    "Alive",
    "MACs",
)


@dataclass(frozen=True)
class _Row:
    """One study's runs of one network; all but the first study's have a difference to those."""

    cost: Mapping[str, Any]
    epochs: int
    differing: str
    values: Sequence[float]
    estimate: Estimate
    difference: float | None = None
    effect: Effect | None = None
    holm_p_value: float | None = None


def comparison_block(publications: Sequence[Publication]) -> str:
    """Return a table of studies beside the first of them, as Markdown, with what it compares.

    Args:
        publications: Two or more; each network that another one shares with the first has a line
            for every study.

    Raises:
        UserError: If there is nothing to compare: fewer than two studies, other images, no network
            in common, or step sizes that depend on the number of epochs.
    """
    first, *others = publications
    if not others:
        raise UserError(f"{first.folder.name}: a comparison needs two or more published studies")
    for other in others:
        _require_comparable(first, other)
    epoch = min(_epochs(each) for each in publications)
    groups = [
        _rows([first, *(other for other in others if depth in _depths(other))], depth, epoch)
        for depth in _depths(first)
    ]
    rows = _corrected([row for group in groups if len(group) > 1 for row in group])
    dashes = ["---", "---", *["---:"] * (len(_COLUMNS) - 2)]
    unit = duration_unit(min(_epoch_seconds(row) for row in rows))
    cells = [_COLUMNS, dashes, *(_cells(row, unit) for row in rows)]
    table = [f"| {' | '.join(line)} |" for line in cells]
    return f"{wrapped(_caption(first, epoch, rows))}\n\n" + "\n".join(table) + "\n"


def _require_comparable(first: Publication, other: Publication) -> None:
    """Refuse studies whose accuracies are of other images or of other moments of training."""
    params = [each.source("params") for each in (first, other)]
    datasets = [each.source("provenance")["dataset"] for each in (first, other)]
    divisions = [[own["prepare"][key] for key in _DIVISION] for own in params]
    recipes = [own["train"] for own in params]
    steady = all(own["schedule"] == "constant" and not own["warmup_epochs"] for own in recipes)
    obstacle = None
    if datasets[0]["digest"] != datasets[1]["digest"] or divisions[0] != divisions[1]:
        keys = ", ".join(f"prepare.{key}" for key in _DIVISION)
        obstacle = f"kept other images for validation; allowed: the same dataset and {keys}"
    elif not datasets[0]["counts"]["validation"]:
        obstacle = "kept no images for validation; allowed: prepare.validation_fraction above 0"
    elif not set(_depths(first)) & set(_depths(other)):
        obstacle = "have no network in common"
    elif _epochs(first) != _epochs(other) and not steady:
        obstacle = (
            "have step sizes that depend on numbers of epochs, which differ; allowed: equal "
            "numbers, or train.schedule constant without warm-up"
        )
    if obstacle:
        named = f"{first.folder.name} and {other.folder.name}"
        raise UserError(f"{named} can't be compared: they {obstacle}")


def _rows(publications: Sequence[Publication], depth: int, epoch: int) -> list[_Row]:
    """Return a network's row of each study; the others' are compared with the first one's."""
    settings = [_settings(each, depth) for each in publications]
    # A study of an earlier version may lack a key that came later.
    all_keys = dict.fromkeys(key for one in settings for key in one)
    keys = [key for key in all_keys if len({str(one.get(key)) for one in settings}) > 1]
    confidence = publications[0].source("params")["summarize"]["confidence"]
    rows: list[_Row] = []
    for publication, own in zip(publications, settings, strict=True):
        shown = [key for key in keys if not rows or own.get(key) != settings[0].get(key)]
        values = [
            row["validation_accuracy"]
            for row in publication.source("curves")
            if row["depth"] == depth and row["epoch"] == epoch
        ]
        row = _Row(
            cost=next(cost for cost in publication.source("costs") if cost["depth"] == depth),
            epochs=_epochs(publication),
            differing=", ".join(f"{key} {own.get(key, 'unset')}" for key in shown) or "nothing",
            values=values,
            estimate=estimate_mean(values, confidence),
        )
        rows.append(_compared(row, rows[0], confidence) if rows else row)
    return rows


def _compared(row: _Row, first: _Row, confidence: float) -> _Row:
    """Return a row with its difference to the first one's mean, and Welch's interval of that."""
    difference = row.estimate.mean - first.estimate.mean
    if min(len(first.values), len(row.values)) < 2:
        return replace(row, difference=difference)
    parts = [variance_of_mean(first.values), variance_of_mean(row.values)]
    return replace(row, difference=difference, effect=effect(difference, parts, confidence))


def _corrected(rows: Sequence[_Row]) -> list[_Row]:
    """Return the rows with p values corrected for the number of all that are tested."""
    corrected = iter(holm([row.effect.p_value for row in rows if row.effect]))
    return [replace(row, holm_p_value=next(corrected)) if row.effect else row for row in rows]


def _settings(publication: Publication, depth: int) -> dict[str, Any]:
    """Return by what a study's network of a depth can come out otherwise than another one's."""
    params, provenance = publication.source("params"), publication.source("provenance")
    processors = {machine["processor"] for machine in provenance["machine_classes"]}
    return {
        **_flat(params["prepare"]),
        **_flat(params["models"][f"resnet{depth}"]),
        **_flat(params["train"]),
        "processor": listed(sorted(processors)),
    }


def _flat(section: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Return a section's values by their names within it, in code's type."""
    flat: dict[str, Any] = {}
    for key, value in section.items():
        if isinstance(value, Mapping):
            flat |= _flat(value, f"{prefix}{key}.")
        else:
            flat[f"`{prefix}{key}`"] = value
    return flat


def _epoch_seconds(row: _Row) -> float:
    """Return how long an epoch took on average."""
    return published_train_seconds(row.cost)[0] / row.epochs


def _cells(row: _Row, unit: tuple[float, str]) -> list[str]:
    """Return a row's cells; times are in a unit's length in seconds, with its name."""
    mean, half, found = row.estimate.mean, row.estimate.half_width, row.effect
    difference = p_value = ""
    if row.difference is not None:
        span = f"{points(found.low)} to {points(found.high)}" if found else "–"
        difference, p_value = f"{points(row.difference)} ({span})", "–"
    if row.holm_p_value is not None:
        p_value = p_value_text(row.holm_p_value).removeprefix("= ")
    length, name = unit
    mark = "" if row.cost["train_seconds"] else f"\\{SHARED_MARK}"
    return [
        network_title(row.cost["depth"]),
        row.differing,
        str(row.estimate.n),
        plus_minus(mean, half, 100, "%"),
        difference,
        p_value,
        f"{significant(_epoch_seconds(row) / length)} {name}{mark}",
        count(row.cost["live_parameters"]),
        count(row.cost["macs"]),
    ]


def _caption(first: Publication, epoch: int, rows: Sequence[_Row]) -> str:
    """Return what the table compares."""
    counts = first.source("provenance")["dataset"]["counts"]
    interval = interval_name(first.source("params")["summarize"]["confidence"])
    remark = ""
    if any(row.cost["train_seconds"] is None for row in rows):
        remark = f" {SHARED_NOTE}"
    return (
        f"**{study_title(first)}**: accuracy on the {counts['validation']:,} validation images "
        f"after epoch {epoch} of {counts['train']:,} images, mean over seeds ± half of its "
        f"{interval} (Student's t); difference, in points, to the network's first line with its "
        f"{interval} (Welch's t, over seeds), p after Holm; parameters alive; MACs of one "
        f"image.{remark}"
    )


def _depths(publication: Publication) -> list[int]:
    return list(publication.source("provenance")["depths"])


def _epochs(publication: Publication) -> int:
    return max(int(run["epochs"]) for run in publication.source("training"))
