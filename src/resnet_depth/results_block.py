"""Blocks of results in documents, written from a publication.

`<!-- results of: <study> -->` begins what README.md shows: table, figures and verdicts;
`<!-- table of: <study> -->` begins the table alone; `<!-- end of results -->` ends both. Blocks are
never edited by hand: `make docs-check` compares them, and writes them with `ARGS=--fix`.
"""

import re
import textwrap
from collections.abc import Callable, Sequence
from pathlib import PurePosixPath
from typing import Any

from resnet_depth.published_values import Publication
from resnet_depth.quotations import Checked
from resnet_depth.settings.datasets import source_variable
from resnet_depth.wording import (
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

# The first two of these that the study has.
FIGURES = {
    "accuracy_by_depth": "Test accuracy by depth",
    "pareto": "Test accuracy against training time",
    "training_time": "Training time by depth",
}
SHARED_MARK = "*"
COMMIT_DIGITS = 12
WIDTH = 100
# Characters of a line that are shown where it differs.
SHOWN = 60
_BLOCK = re.compile(
    r"<!-- (?P<kind>results|table) of: (?P<study>\S+) -->\n(?P<body>.*?)<!-- end of results -->",
    re.DOTALL,
)


def check_blocks(
    name: str, text: str, results: PurePosixPath, publication: Callable[[str], Publication]
) -> Checked:
    """Compare a document's blocks of results with the publications they are of.

    Args:
        name: The document's, for the lines.
        text: Its Markdown.
        results: Path of the publications' folder, seen from the document.
        publication: Returns a published study by its name.

    Returns:
        The text with each block as it should read, and a line for the first difference in each.
    """
    mistakes, fixed, copied = [], "", 0
    for block in _BLOCK.finditer(text):
        study = publication(block["study"])
        whole = block["kind"] == "results"
        expected = results_block(study, results / block["study"]) if whole else table_block(study)
        found = block["body"]
        if found != expected:
            same, was, now = _first_difference(found, expected)
            line = text.count("\n", 0, block.start("body")) + same + 1
            said = f"«{was}» stands in the block of results; the results say «{now}»"
            mistakes.append(f"{name}:{line}: {said}")
        fixed += text[copied : block.start("body")] + expected
        copied = block.end("body")
    return Checked(fixed + text[copied:], tuple(mistakes))


def _first_difference(found: str, expected: str) -> tuple[int, str, str]:
    """Return how many lines are the same, and what both texts say where they part."""
    lines, wanted = found.splitlines(), expected.splitlines()
    same = _same(lines, wanted)
    was, now = ("".join(text[same : same + 1]) for text in (lines, wanted))
    # From some words before, so that a line of a table can be told.
    start = max(0, _same(was, now) - SHOWN // 2)
    was, now = (text[start : start + SHOWN].strip() or "nothing" for text in (was, now))
    return same, was, now


def _same(first: Sequence[str], second: Sequence[str]) -> int:
    """Return how many items are the same at the beginning of both."""
    pairs = enumerate(zip(first, second, strict=False))
    return next((n for n, (one, other) in pairs if one != other), min(len(first), len(second)))


def results_block(publication: Publication, folder: PurePosixPath) -> str:
    """Return a study's results as Markdown.

    Args:
        publication: The study.
        folder: Its path, seen from the document.
    """
    dataset = publication.source("provenance")["dataset"]
    title, over = _title(publication), _seeds(publication)
    paragraphs = [
        table_block(publication).strip(),
        *_figures(publication, folder, f"{title}, {over}"),
        f"The four claims, tested on {title} with n = {over}:",
        "\n".join(
            _wrapped(f"{one['claim']}. **{one['verdict'].capitalize()}.** {one['sentence']}", "   ")
            for one in publication.source("findings")
        ),
        _wrapped(_elsewhere(dataset, title, folder)),
    ]
    return "\n\n".join(paragraphs) + "\n"


def table_block(publication: Publication) -> str:
    """Return a study's table as Markdown, with what it is of and was made on.

    Args:
        publication: The study.
    """
    costs, training = publication.source("costs"), publication.source("training")[0]
    caption = (
        f"**{_title(publication)}**: n = {_seeds(publication)}, {training['epochs']} epochs of "
        f"{training['train_images']:,} images, "
        f"{publication.source('provenance')['dataset']['counts']['test']:,} test images. Means "
        f"over seeds ± half of their {interval_name(costs[0]['confidence'])} (Student's t); "
        "inference: median time of one image, images a second in batches of "
        f"{costs[0]['latency']['deployed']['batched']['batch_size']}. {_made(publication)}"
    )
    paragraphs = [_wrapped(caption), "\n".join(_table(publication, costs)), *_notes(costs)]
    return "\n\n".join(paragraphs) + "\n"


def _title(publication: Publication) -> str:
    """Return the dataset's title, with `(lossy)` where it is."""
    dataset = publication.source("provenance")["dataset"]
    return dataset_title(dataset["title"], dataset["lossy"])


def _seeds(publication: Publication) -> str:
    """Return over how many seeds the results are."""
    seeds = len(publication.source("provenance")["seeds"])
    return f"{seeds} seed{'s' if seeds > 1 else ''} a depth"


def _wrapped(text: str, indent: str = "") -> str:
    """Return a paragraph in lines; those after the first are indented."""
    lines = textwrap.wrap(
        text, WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )
    return "\n".join(lines)


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
    shown = {cost["depth"]: _train_seconds(cost) for cost in costs}
    length, unit = duration_unit(min(seconds for seconds, _ in shown.values()))
    headers = ["Network", "Seeds", "Test accuracy", "Training time", "Parameters", "of these alive"]
    lines = [[*headers, "1 image", "Throughput"], ["---", *["---:"] * 7]]
    rows = {row["depth"]: row for row in publication.source("accuracy_over_seeds")}
    trained = {record["depth"]: record for record in publication.source("training")}
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
                f"{_plus_minus(row['mean'], half, 100)}%",
                f"{_plus_minus(seconds, half_seconds, 1 / length)} {unit}{mark}",
                count(cost["parameters"]),
                count(trained[cost["depth"]]["live_parameters"]),
                duration(deployed["single"]["median_seconds"]) + inference_mark,
                f"{significant(deployed['batched']['images_per_second'])}/s{inference_mark}",
            ]
        )
    return [f"| {' | '.join(cells)} |" for cells in lines]


def _train_seconds(cost: dict[str, Any]) -> tuple[float, float | None]:
    """Return a depth's mean training time and half of its interval, None without one."""
    found = cost["train_seconds"]
    if found is None:
        return sum(run["train_seconds"] for run in cost["runs"]) / len(cost["runs"]), None
    return found["mean"], None if found["high"] is None else found["high"] - found["mean"]


def _plus_minus(mean: float, half_width: float | None, factor: float) -> str:
    """Return mean ± half width, both times `factor`; a dash in place of a missing interval."""
    spread = "–" if half_width is None else decimal(factor * half_width)
    return f"{decimal(factor * mean)} ± {spread}"


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
        notes.append(f"\\{SHARED_MARK} Timed while others used the machine: it may be faster.")
    return [_wrapped(" ".join(notes))] if notes else []


def _figures(publication: Publication, folder: PurePosixPath, of: str) -> list[str]:
    """Return the first two figures that the study has."""
    have = [name for name in FIGURES if (publication.folder / "figures" / f"{name}.png").is_file()]
    return [f"![{FIGURES[name]}: {of}]({folder}/figures/{name}.png)" for name in have[:2]]


def _elsewhere(dataset: dict[str, Any], title: str, folder: PurePosixPath) -> str:
    """Return where the rest stands, and how to get the numbers, or the official ones."""
    key = dataset["key"]
    own = "make run" if key == "digits" else f"make study DATASET={key}"
    if dataset["digest"].startswith("sha256") and key != "digits":
        own = f"{source_variable(key)}=<folder or tar of the images> {own}"
    official = ""
    if dataset["lossy"]:
        official = (
            f"These are numbers of {title}, not of the official images: for those type "
            "`make study`. "
        )
    return (
        f"{official}The same again, with its `params.yaml`: `{own}`; one network and its bytes: `make verify "
        f"STUDY={folder.name}`. All that was published: [{folder.name}]({folder}), with the "
        f"[report]({folder}/report.html) and its [provenance]({folder}/provenance.json)."
    )
