"""A published study's table as Markdown: what each depth reached and cost, and on what."""

import re
import textwrap
from collections.abc import Mapping
from typing import Any

from resnet_depth.commands.publishing.study import Publication
from resnet_depth.evidence.wording import (
    count,
    dataset_title,
    decimal,
    duration,
    duration_unit,
    interval_name,
    listed,
    network_title,
    significant,
)

SHARED_MARK = "*"
SHARED_NOTE = f"\\{SHARED_MARK} Timed while others used the machine: it may be faster."
COMMIT_DIGITS = 12
WIDTH = 100
# Stands for a space at which no line ends.
GLUE = "\0"


def table_block(publication: Publication) -> str:
    """Return a study's table as Markdown, with what it is of and was made on.

    Args:
        publication: The study.
    """
    costs, training = publication.source("costs"), publication.source("training")[0]
    images = publication.source("provenance")["dataset"]["counts"]
    caption = (
        f"**{study_title(publication)}**: n = {seeds_text(publication)}, {training['epochs']} "
        f"epochs of {training['train_images']:,} images, {images['test']:,} test images. Means "
        f"over seeds ± half of their {interval_name(costs[0]['confidence'])} (Student's t); "
        "inference: median time of one image, images a second in batches of "
        f"{costs[0]['latency']['deployed']['batched']['batch_size']}. {_made(publication)}"
    )
    paragraphs = [wrapped(caption), "\n".join(_table(publication, costs)), *_notes(costs)]
    return "\n\n".join(paragraphs) + "\n"


def study_title(publication: Publication) -> str:
    """Return the dataset's title, with `(lossy)` where it is."""
    dataset = publication.source("provenance")["dataset"]
    return dataset_title(dataset["title"], dataset["lossy"])


def seeds_text(publication: Publication) -> str:
    """Return over how many seeds the results are."""
    seeds = len(publication.source("provenance")["seeds"])
    return f"{seeds} seed{'s' if seeds > 1 else ''} a depth"


def wrapped(text: str, indent: str = "") -> str:
    """Return a paragraph in lines; those after the first are indented, code stays in one line."""
    whole = re.sub("`[^`]+`", lambda code: code[0].replace(" ", GLUE), text)
    lines = textwrap.wrap(
        whole, WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )
    return "\n".join(lines).replace(GLUE, " ")


def _made(publication: Publication) -> str:
    """Return on what, when and by which commit a study was made."""
    provenance = publication.source("provenance")
    records = [*provenance["training"], *provenance["inference"]]
    machines = []
    for record in records:
        machine = provenance["machine_classes"][record["machine_class"]]
        device = "" if record["device"] == "cpu" else f"{record['device_title']}, host "
        packages = ", ".join(f"{name} {version}" for name, version in machine["packages"].items())
        machines.append(
            f"{device}{machine['processor']}, {record['threads']} threads of {record['cores']} "
            f"cores, {machine['system']}, Python {machine['python']}, {packages}"
        )
    shown = listed(list(dict.fromkeys(_commit(record) for record in records)))
    days = sorted(record["date"][:10] for record in records)
    period = days[0] if days[0] == days[-1] else f"{days[0]} to {days[-1]}"
    return f"Made on {listed(list(dict.fromkeys(machines)))}; {period}, {shown}."


def _commit(record: dict[str, Any]) -> str:
    """Return the commit that one clock was read at, with a remark where its code wasn't that."""
    if record["commit"] is None:
        return "unknown commit"
    shown = f"commit `{record['commit'][:COMMIT_DIGITS]}`"
    return shown if record["code_is_of_commit"] else f"{shown} with changes"


def _table(publication: Publication, costs: list[dict[str, Any]]) -> list[str]:
    """Return the lines of the table, one row a depth."""
    shown = {cost["depth"]: published_train_seconds(cost) for cost in costs}
    length, unit = duration_unit(min(seconds for seconds, _ in shown.values()))
    headers = ["Network", "Seeds", "Test accuracy", "Training time", "Parameters", "of these alive"]
    lines = [[*headers, "1 image", "Throughput"], ["---", *["---:"] * 7]]
    rows = {row["depth"]: row for row in publication.source("accuracy_over_seeds")}
    for cost in costs:
        row, latency = rows[cost["depth"]], cost["latency"]
        half = None if row["high"] is None else row["high"] - row["mean"]
        seconds, half_seconds = shown[cost["depth"]]
        mark = "" if cost["train_seconds"] else SHARED_MARK
        inference_mark = SHARED_MARK if latency["shared"] else ""
        deployed = latency["deployed"]
        lines.append(
            [
                network_title(cost["depth"]),
                str(row["n"]),
                plus_minus(row["mean"], half, 100, "%"),
                plus_minus(seconds, half_seconds, 1 / length, f" {unit}") + mark,
                count(cost["parameters"]),
                count(cost["live_parameters"]),
                duration(deployed["single"]["median_seconds"]) + inference_mark,
                f"{significant(deployed['batched']['images_per_second'])}/s{inference_mark}",
            ]
        )
    return [f"| {' | '.join(cells)} |" for cells in lines]


def published_train_seconds(cost: Mapping[str, Any]) -> tuple[float, float | None]:
    """Return a depth's mean training time and half of its interval, None without one.

    Args:
        cost: An item of costs.json.

    Returns:
        Seconds of the runs that count or, where none does, of all.
    """
    found = cost["train_seconds"]
    if found is None:
        return sum(run["train_seconds"] for run in cost["runs"]) / len(cost["runs"]), None
    return found["mean"], None if found["high"] is None else found["high"] - found["mean"]


def plus_minus(mean: float, half_width: float | None, factor: float, unit: str) -> str:
    """Return mean ± half width, both times `factor`; a dash in place of a missing interval.

    Args:
        mean: Of any unit.
        half_width: Half of its interval, in that unit; None without one.
        factor: From that unit to the one that is written.
        unit: The one that is written, with a space before it where it takes one.
    """
    shown = decimal(factor * mean)
    if half_width is None:
        return f"{shown}{unit} ± –"
    return f"{shown} ± {decimal(factor * half_width)}{unit}"


def _notes(costs: list[dict[str, Any]]) -> list[str]:
    """Return a remark where timings don't count."""
    left_out = [
        f"{cost['runs_shared']} of {len(cost['runs'])} of {network_title(cost['depth'])}"
        for cost in costs
        if cost["runs_shared"]
    ]
    notes = []
    if left_out:
        notes.append(
            f"Left out, since others used the machine: training times of {listed(left_out)}."
        )
    if any(cost["latency"]["shared"] or cost["train_seconds"] is None for cost in costs):
        notes.append(SHARED_NOTE)
    return [wrapped(" ".join(notes))] if notes else []
