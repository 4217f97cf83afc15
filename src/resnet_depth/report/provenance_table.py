"""Where a report's numbers come from: data, recipe, machine, code and the files that were read."""

from collections.abc import Mapping, Sequence
from typing import Any

from resnet_depth.evidence.costs import conditions, describe_conditions
from resnet_depth.evidence.evidence import Evidence
from resnet_depth.evidence.wording import decimal, listed, network_title, percent
from resnet_depth.latency.records import LatencyRecord
from resnet_depth.report.rerunning import commits, period
from resnet_depth.training.records import DurationRecord
from resnet_depth.training.settings import TrainSettings

# The recipe's keys that say where training ran; the clocks' records tell that better.
_NOT_RECIPE = ("device", "threads", "precision", "batch_size", "lr", "optimizer")


def provenance(evidence: Evidence, recipe: TrainSettings) -> dict[str, list[tuple[str, str]]]:
    """Return where the numbers of a dataset come from: pairs of term and description, by heading.

    Args:
        evidence: What the numbers rest on.
        recipe: Section `train` of the settings.
    """
    return {
        "Data": _data(evidence),
        "Training": _training(evidence, recipe),
        "Statistics": _statistics(evidence),
        "Machine and code": _machine(evidence),
    }


def _data(evidence: Evidence) -> list[tuple[str, str]]:
    """Return what is to be known of the images."""
    card = evidence.card
    split = card.split
    size = f"{card.image_size}×{card.image_size} pixels, RGB"
    parts = ", ".join(f"{count:,} {part}" for part, count in card.counts.items())
    drawn = f"seed {split.seed}; validation {percent(split.validation_fraction)} of training images"
    if split.test_fraction is not None:
        drawn += f"; test {percent(split.test_fraction)} of all images"
    mean = " ".join(decimal(value, 4) for value in card.channel_mean)
    std = " ".join(decimal(value, 4) for value in card.channel_std)
    return [
        ("Dataset", f"{card.title} (key {card.key})"),
        ("Source", card.source),
        ("Citation", card.citation),
        ("Digest", card.digest),
        ("Lossy", "yes: pixels differ from the original's" if card.lossy else "no"),
        ("Images", f"{parts}; {len(card.class_names)} classes; {size}"),
        ("Split", f"stratified, {drawn}"),
        ("Normalisation", f"channel mean {mean}, standard deviation {std} of the training part"),
    ]


def _training(evidence: Evidence, recipe: TrainSettings) -> list[tuple[str, str]]:
    """Return the recipe, as set and as recorded by the runs."""
    records = [evidence.training(depth) for depth in evidence.depths]
    stems: dict[str, list[str]] = {}
    for record in records:
        stems.setdefault(record.stem, []).append(network_title(record.depth))
    networks = "; ".join(f"{listed(names)}: stem {stem}" for stem, names in stems.items())
    first = records[0]
    others = _flat(recipe.model_dump(exclude=set(_NOT_RECIPE)))
    return [
        (
            "Networks",
            f"torchvision's, from scratch, last layer with {first.classes} classes",
        ),
        ("Stems", networks),
        ("Optimizer", f"{recipe.optimizer}, learning rate {recipe.lr:g}; cross-entropy"),
        (
            "Length",
            f"{first.epochs} epochs of {first.train_images:,} images in batches of "
            f"{first.batch_size}: {first.steps:,} steps",
        ),
        ("Further settings", ", ".join(f"{key} {value}" for key, value in others)),
        (
            "Seeds",
            ", ".join(map(str, evidence.seeds)) + "; each sets weights, order and augmentation, "
            "the latter two alike at all depths",
        ),
    ]


def _statistics(evidence: Evidence) -> list[tuple[str, str]]:
    """Return how numbers over seeds were made."""
    return [
        ("n", f"{len(evidence.seeds)} trained networks a depth, one a seed"),
        (
            "Intervals",
            f"Student's t over seeds, {100 * evidence.confidence:g}%, two-sided, for seeds that "
            "scatter about normally",
        ),
        (
            "Differences of accuracy",
            "t interval over seeds and test images, which all runs share; degrees of freedom after "
            "Satterthwaite. p values are corrected for the number of pairs (Holm)",
        ),
        ("Differences of time", "Welch's t interval over seeds; timings that count alone"),
    ]


def _machine(evidence: Evidence) -> list[tuple[str, str]]:
    """Return what clocks were read on, by which code and when."""
    clocks: dict[str, Sequence[DurationRecord | LatencyRecord]] = {
        "Training": list(evidence.durations.values()),
        "Inference": list(evidence.latency.values()),
    }
    rows = []
    for name, records in clocks.items():
        for found in dict.fromkeys(conditions(record) for record in records):
            rows.append((name, describe_conditions(found)))
        loads = [record.other_load for record in records]
        shared = sum(record.shared for record in records)
        rows.append(
            (
                f"{name}: other load",
                f"{percent(min(loads))} to {percent(max(loads))} of the machine was used by "
                f"others; {shared} of {len(records)} timings don't count for that",
            )
        )
    versions = [record.environment.dvc for records in clocks.values() for record in records]
    return [
        *rows,
        ("Commit", ", ".join(commits(evidence))),
        ("Date", period(evidence)),
        ("DVC", ", ".join(dict.fromkeys(versions))),
    ]


def _flat(settings: Mapping[str, Any], prefix: str = "") -> list[tuple[str, Any]]:
    """Return nested settings as pairs of dotted key and value."""
    pairs: list[tuple[str, Any]] = []
    for key, value in settings.items():
        name = f"{prefix}{key}"
        pairs += _flat(value, f"{name}.") if isinstance(value, dict) else [(name, value)]
    return pairs
