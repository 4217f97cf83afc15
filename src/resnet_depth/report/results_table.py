"""The results table: what each depth reached and cost, as text, for the page and as Markdown."""

import re
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from resnet_depth.evidence.costs import (
    Conditions,
    Cost,
    batch_sizes,
    conditions,
    deployed_form,
    describe_conditions,
    sessions_told,
    shown_train_seconds,
    training_unit,
)
from resnet_depth.evidence.evidence import Evidence, StudyEvidence
from resnet_depth.evidence.statistics import Estimate, estimate_mean
from resnet_depth.evidence.tables import accuracies_by_depth
from resnet_depth.evidence.wording import (
    by_network,
    count,
    decimal,
    duration,
    interval_name,
    listed,
    network_title,
    percent,
    scientific,
    significant,
    spread_percent,
)
from resnet_depth.latency.records import Timings

WIDTH = 100
SHARED_MARK = "*"
SEEDS_COLUMN = {
    "Seeds": "how often the network was trained, each time from another random start",
}
RECIPE_COLUMN = {"Recipe": "how the network was made and trained; the page's end has all of it"}
RULE = "─"
# For plain text that is too wide.
SHORTER = {"Parameters": "Params", "Throughput": "Images/s"}


@dataclass(frozen=True)
class ResultsTable:
    """Texts of the table: a title, a line on what it shows, columns, rows, and notes below.

    `columns` says below each header what it is, for a reader who doesn't know; `values` holds each
    cell's number with all its digits, to sort by, times in seconds.
    """

    title: str
    subtitle: str
    columns: Mapping[str, str]
    rows: tuple[tuple[str, ...], ...]
    values: tuple[tuple[float, ...], ...]
    notes: tuple[str, ...]


def results_table(study: StudyEvidence, costs: Sequence[Cost]) -> ResultsTable:
    """Return the table of a study, one row a recipe and depth, as the costs are."""
    evidence, several = study.first, len(study.recipes) > 1
    card, unit, n = evidence.card, training_unit(costs), len(evidence.seeds)
    tested = f"{card.counts['test']:,} test images"
    pixels = listed(sorted({f"{cost.size.image_size}×{cost.size.image_size}" for cost in costs}))
    spread = "one seed"
    if n > 1:
        spread = (
            f"mean over {f'{n} seeds' if several else 'seeds'} ± half of its "
            f"{interval_name(evidence.confidence)} (Student's t)"
        )
    timed = [cost.latency for cost in costs]
    single, batched = batch_sizes(timed, "single"), batch_sizes(timed, "batched")
    images = "one image" if single == "1" else f"{single} images at once"
    estimates = [study.by_recipe[cost.size.recipe].estimates[cost.depth] for cost in costs]
    if any(found.beyond_fractions for found in estimates):
        spread += ", or its ends in brackets where they are cut off at 0 or 100%"
    cells = [
        _cells(found, cost, unit, study.recipes.index(cost.size.recipe) if several else None)
        for found, cost in zip(estimates, costs, strict=True)
    ]
    return ResultsTable(
        title=f"{evidence.title}: what each depth reached and cost",
        subtitle=f"{tested}; {spread}; MACs of one image of {pixels} pixels; inference: median "
        f"time of one image, images per second in batches of {batched}",
        columns={
            "Network": "a ResNet and its depth, the number of layers with weights",
            **(RECIPE_COLUMN if several else SEEDS_COLUMN),
            "Test accuracy": f"share of the {tested} that it classified correctly",
            "Parameters": "numbers that the network learns, which decide its size",
            "Alive": "the parameters that a pixel can reach at this image size",
            "MACs": "multiplications and additions for one image: the work, on any machine",
            "Training time": "wall time from the first training image to the last",
            "1 image" if single == "1" else "Latency": f"wall time to classify {images}, the "
            "median of many repetitions",
            "Throughput": f"images classified per second, {batched} at once",
        },
        rows=tuple(tuple(text for text, _ in row) for row in cells),
        values=tuple(tuple(value for _, value in row) for row in cells),
        notes=(*_mirrored(study), *_notes(evidence, costs, several)),
    )


def as_text(table: ResultsTable, measured: Sequence[str]) -> str:
    """Return the table as plain text of at most 100 columns, with what it was `measured` on."""
    lines = _aligned([tuple(table.columns), *table.rows])
    if len(lines[0]) > WIDTH:
        lines = _aligned([tuple(SHORTER.get(name, name) for name in table.columns), *table.rows])
    lines.insert(1, RULE * len(lines[0]))
    notes = [line for note in (*table.notes, *measured) for line in textwrap.wrap(note, WIDTH)]
    head = [table.title, *textwrap.wrap(table.subtitle, WIDTH)]
    return "\n".join([*head, "", *lines, "", *notes]) + "\n"


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return rows as lines of text, the first column to the left, all others to the right."""
    first, *widths = (max(map(len, column)) for column in zip(*rows, strict=True))
    return ["  ".join([row[0].ljust(first), *map(str.rjust, row[1:], widths)]) for row in rows]


def as_markdown(text: str) -> str:
    """Return the rows of a table that `as_text` wrote, such as a published one, as Markdown."""
    before, after = re.split(rf"\n{RULE}+\n", text)
    lines = [before.splitlines()[-1], *after.split("\n\n")[0].splitlines()]
    # Earlier studies wrote a dash for a spread that isn't known.
    told = (line.replace(" ± –", "").replace(SHARED_MARK, rf"\{SHARED_MARK}") for line in lines)
    header, *rows = (re.split(" {2,}", line) for line in told)
    cells = [header, ["---", *["---:"] * (len(header) - 1)], *rows]
    return "\n".join(f"| {' | '.join(row)} |" for row in cells)


def measured_on(costs: Sequence[Cost]) -> list[str]:
    """Return a sentence for each set of conditions that clocks were read under."""
    found: dict[Conditions, list[str]] = {}
    for cost in costs:
        for run in cost.runs:
            found.setdefault(conditions(run), []).append("Training")
        found.setdefault(conditions(cost.latency), []).append("Inference")
    names = {one: list(dict.fromkeys(clocks)) for one, clocks in found.items()}
    return [
        f"{listed(clocks).capitalize()} {'was' if len(clocks) == 1 else 'were'} timed on "
        f"{describe_conditions(one)}."
        for one, clocks in names.items()
    ]


def _cells(
    accuracy: Estimate, cost: Cost, unit: tuple[float, str], place: int | None
) -> list[tuple[str, float]]:
    """Return text and number of each cell of a row.

    `unit` is that of training times, `place` that of the row's recipe among several.
    """
    length, name = unit
    size, deployed, seconds = cost.size, cost.latency.deployed, shown_train_seconds(cost)
    latency, rate = deployed.single.median_seconds, deployed.batched.images_per_second
    mark = SHARED_MARK if cost.latency.shared else ""
    # That of shared runs, marked, where no other was taken.
    trained = f"{decimal(seconds / length)} {name}{SHARED_MARK}"
    if (found := cost.train_seconds) is not None:
        half = found.half_width
        spread = "" if half is None else f" ± {decimal(half / length)}"
        trained = f"{decimal(found.mean / length)}{spread} {name}"
    return [
        (network_title(cost.depth), cost.depth),
        # As many seeds everywhere, which the subtitle tells where there is no room.
        (str(accuracy.n), accuracy.n) if place is None else (cost.size.recipe, place),
        (spread_percent(accuracy.mean, accuracy.half_width), accuracy.mean),
        *((count(each), each) for each in (size.parameters, size.live_parameters, size.macs)),
        (trained, seconds),
        (f"{duration(latency)}{mark}", latency),
        (f"{significant(rate)}/s{mark}", rate),
    ]


def _mirrored(study: StudyEvidence) -> list[str]:
    """Return what accuracy is where mirror images are asked too, if that was evaluated."""
    several, sentences = len(study.recipes) > 1, []
    for recipe, own in study.by_recipe.items():
        if own.accuracy["mirrored_test_accuracy"].isna().any():
            continue
        runs = accuracies_by_depth(own.accuracy, "mirrored_test_accuracy")
        means = {d: estimate_mean(found, own.confidence) for d, found in runs.items()}
        told = {d: spread_percent(each.mean, each.half_width) for d, each in means.items()}
        by = f" by {recipe}" if several else ""
        sentences.append(
            f"Test accuracy{by} where each image and its mirror image are judged together: "
            f"{by_network(told)}."
        )
    return sentences


def _notes(evidence: Evidence, costs: Sequence[Cost], several: bool) -> list[str]:
    """Return the remarks that the numbers need: what doesn't count, is alive, and was timed."""
    notes = []
    if len(evidence.seeds) == 1:
        notes.append("One seed per depth: there is no interval, and nothing can be decided.")
    left_out = [
        f"{cost.shared_runs} of {len(cost.runs)} of {network_title(cost.depth)}"
        f"{f' by {cost.size.recipe}' if several else ''}"
        for cost in costs
        if cost.shared_runs
    ]
    if left_out:
        notes.append(f"Trainings left out because others used the machine: {listed(left_out)}.")
    if any(cost.train_seconds is None for cost in costs):
        notes[-1] += f" Where none is left, the mean of all is shown, marked {SHARED_MARK}."
    timed = [cost.latency for cost in costs]
    if any(each.shared for each in timed):
        notes.append(
            f"{SHARED_MARK} Inference was timed while others used the machine: it may be faster."
        )
    size = listed(sorted({f"{cost.size.image_size}×{cost.size.image_size}" for cost in costs}))
    # One a shape, which several recipes may share.
    alive = {cost.size.shape: percent(cost.size.live_macs / cost.size.macs, 0) for cost in costs}
    told = list(alive.values())
    shares = listed(told if len(set(told)) > 1 else told[:1])
    forms = [f"Inference was timed in the deployed form, {deployed_form(timed)}"]
    if eight_bits := [each.int8 for each in timed if each.int8]:
        forms.append(f"In 8-bit integers {_told(eight_bits, several)}")
    forms.append(f"With the plain network {_told([each.plain for each in timed], several)}")
    return [
        *notes,
        f"Alive: parameters that a pixel can reach in images of {size} pixels; the others never "
        f"change an output. {shares} of the MACs are alive.",
        f"{'. '.join(forms)}; the outputs of the two differ by at most "
        f"{scientific(max(each.largest_output_difference for each in timed))} (largest logit: "
        f"{significant(max(each.largest_output for each in timed))}). {sessions_told(timed)}",
    ]


def _told(forms: Sequence[Timings], several: bool) -> str:
    """Return how long one form takes for an image and how many images per second it does."""
    joint = " to ".join if several else listed
    latencies = map(duration, _shown([each.single.median_seconds for each in forms], several))
    rates = map(significant, _shown([each.batched.images_per_second for each in forms], several))
    return (
        f"one image takes {joint(list(latencies))}, and batches run at {joint(list(rates))} "
        "images/s"
    )


def _shown(values: list[float], several: bool) -> list[float]:
    """Return the values, one a depth; of several recipes the least and the largest."""
    return [min(values), max(values)] if several else values
