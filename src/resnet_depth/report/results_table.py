"""The results table: what each depth reached and cost, as text, for the page and as Markdown."""

import re
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

from resnet_depth.evidence.costs import (
    Conditions,
    Cost,
    batch_sizes,
    conditions,
    describe_conditions,
    shown_train_seconds,
    training_unit,
)
from resnet_depth.evidence.evidence import Evidence
from resnet_depth.evidence.statistics import Estimate
from resnet_depth.evidence.wording import (
    count,
    decimal,
    duration,
    interval_name,
    listed,
    network_title,
    percent,
    significant,
)

WIDTH = 100
SHARED_MARK = "*"
NO_INTERVAL = "–"
RULE = "─"


@dataclass(frozen=True)
class ResultsTable:
    """Texts of the table: a title, a line on what it shows, headers, rows, and notes below.

    `values` holds each cell's number with all its digits, to sort by; `meanings` says of each
    column what it is, for a reader who doesn't know.
    """

    title: str
    subtitle: str
    headers: tuple[str, ...]
    meanings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    values: tuple[tuple[float, ...], ...]
    notes: tuple[str, ...]


def results_table(evidence: Evidence, costs: Sequence[Cost]) -> ResultsTable:
    """Return the table of a study, one row a depth."""
    card = evidence.card
    batches = batch_sizes(costs, "batched")
    headers = (
        *("Network", "Seeds", "Test accuracy", "Parameters", "Alive", "MACs", "Training time"),
        *("1 image" if batch_sizes(costs, "single") == "1" else "Latency", "Throughput"),
    )
    unit = training_unit(costs)
    rows = tuple(
        (
            network_title(cost.depth),
            str(evidence.estimates[cost.depth].n),
            _accuracy(evidence.estimates[cost.depth]),
            count(cost.size.parameters),
            count(cost.size.live_parameters),
            count(cost.size.macs),
            _training_time(cost, unit),
            duration(cost.latency.deployed.single.median_seconds) + _mark(cost.latency.shared),
            f"{significant(cost.latency.deployed.batched.images_per_second)}/s"
            + _mark(cost.latency.shared),
        )
        for cost in costs
    )
    subtitle = (
        f"{card.counts['test']:,} test images; mean over seeds ± half of its "
        f"{interval_name(evidence.confidence)} (Student's t); MACs of one image of "
        f"{card.image_size}×{card.image_size} pixels; inference: median time of one image, "
        f"images a second in batches of {batches}"
    )
    return ResultsTable(
        title=f"{evidence.title}: what each depth reached and cost",
        subtitle=subtitle,
        headers=headers,
        meanings=_meanings(evidence, costs),
        rows=rows,
        values=tuple(_values(evidence, cost) for cost in costs),
        notes=tuple(_notes(evidence, costs)),
    )


def as_text(table: ResultsTable, measured: Sequence[str]) -> str:
    """Return the table as plain text of at most 100 columns.

    Args:
        table: What to write.
        measured: Sentences on what the clocks were read on, put below.
    """
    cells = [table.headers, *table.rows]
    widths = [max(len(row[k]) for row in cells) for k in range(len(table.headers))]
    lines = [
        "  ".join(
            text.ljust(width) if k == 0 else text.rjust(width)
            for k, (text, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in cells
    ]
    lines.insert(1, RULE * len(lines[0]))
    notes = [line for note in (*table.notes, *measured) for line in textwrap.wrap(note, WIDTH)]
    head = [table.title, *textwrap.wrap(table.subtitle, WIDTH)]
    return "\n".join([*head, "", *lines, "", *notes]) + "\n"


def as_markdown(text: str) -> str:
    """Return the rows of a table that `as_text` wrote, such as a published one, as Markdown."""
    before, after = re.split(rf"\n{RULE}+\n", text)
    lines = [before.splitlines()[-1], *after.split("\n\n")[0].splitlines()]
    header, *rows = (
        re.split(" {2,}", line.replace(SHARED_MARK, rf"\{SHARED_MARK}")) for line in lines
    )
    cells = [header, ["---", *["---:"] * (len(header) - 1)], *rows]
    return "\n".join(f"| {' | '.join(row)} |" for row in cells)


def measured_on(costs: Sequence[Cost]) -> list[str]:
    """Return a sentence for each set of conditions that clocks were read under."""
    found: dict[Conditions, list[str]] = {}
    for cost in costs:
        for run in cost.runs:
            found.setdefault(conditions(run), []).append("Training")
        found.setdefault(conditions(cost.latency), []).append("Inference")
    return [
        f"{listed(list(dict.fromkeys(clocks))).capitalize()} timed on {describe_conditions(one)}."
        for one, clocks in found.items()
    ]


def _values(evidence: Evidence, cost: Cost) -> tuple[float, ...]:
    """Return the numbers of a depth's row, in the headers' order; times in seconds."""
    accuracy = evidence.estimates[cost.depth]
    return (
        cost.depth,
        accuracy.n,
        accuracy.mean,
        cost.size.parameters,
        cost.size.live_parameters,
        cost.size.macs,
        shown_train_seconds(cost),
        cost.latency.deployed.single.median_seconds,
        cost.latency.deployed.batched.images_per_second,
    )


def _meanings(evidence: Evidence, costs: Sequence[Cost]) -> tuple[str, ...]:
    """Return what each column is, in the headers' order."""
    single = batch_sizes(costs, "single")
    images = "one image" if single == "1" else f"{single} images at once"
    return (
        "a ResNet and its depth, the number of layers with weights",
        "how often the network was trained, each time from another random start",
        f"share of the {evidence.card.counts['test']:,} test images that it classified correctly",
        "numbers that the network learns, which decide its size",
        "those of the parameters that can meet a pixel at this image size",
        "multiplications and additions that one image takes: the work, whatever the machine",
        "wall time from the first training image to the last",
        f"wall time to classify {images}, the median of many repetitions",
        f"images classified a second, {batch_sizes(costs, 'batched')} at once",
    )


def _accuracy(found: Estimate) -> str:
    """Return a depth's mean accuracy in percent with half its interval, or a dash for that."""
    return f"{_plus_minus(found, 100)}%" if found.n > 1 else f"{decimal(100 * found.mean)}% ± –"


def _training_time(cost: Cost, unit: tuple[float, str]) -> str:
    """Return a depth's training time; that of shared runs, marked, where no other was taken."""
    length, name = unit
    if cost.train_seconds is None:
        return f"{decimal(shown_train_seconds(cost) / length)} {name}{SHARED_MARK}"
    return f"{_plus_minus(cost.train_seconds, 1 / length)} {name}"


def _plus_minus(found: Estimate, factor: float) -> str:
    """Return mean ± half width, both times `factor`; a dash in place of a missing interval."""
    half_width = found.half_width
    spread = NO_INTERVAL if half_width is None else decimal(factor * half_width)
    return f"{decimal(factor * found.mean)} ± {spread}"


def _mark(shared: bool) -> str:
    """Return the mark of a reading taken while others used the machine."""
    return SHARED_MARK if shared else ""


def _notes(evidence: Evidence, costs: Sequence[Cost]) -> list[str]:
    """Return the remarks that the numbers need: no intervals, and readings that don't count."""
    notes = []
    if len(evidence.seeds) == 1:
        notes.append(f"One seed a depth: no interval ({NO_INTERVAL}), and nothing is decided.")
    left_out = [
        f"{cost.shared_runs} of {len(cost.runs)} of {network_title(cost.depth)}"
        for cost in costs
        if cost.shared_runs
    ]
    if left_out:
        notes.append(
            f"Trainings timed while others used the machine, left out: {listed(left_out)}. Where "
            f"no other was timed their mean stands, marked {SHARED_MARK}."
        )
    if any(cost.latency.shared for cost in costs):
        notes.append(
            f"{SHARED_MARK} Inference was timed while others used the machine: it may be faster."
        )
    return [*notes, _alive_note(evidence, costs), _inference_note(costs)]


def _alive_note(evidence: Evidence, costs: Sequence[Cost]) -> str:
    """Return what `Alive` means, and how much of the work is alive."""
    size = evidence.card.image_size
    verb = "is" if len(costs) == 1 else "are"
    shares = [percent(cost.size.live_macs / cost.size.macs, 0) for cost in costs]
    return (
        f"Alive: parameters that can meet a pixel in images of {size}×{size}; the others never "
        f"change an output. Of the MACs {listed(shares)} {verb} alive."
    )


def _inference_note(costs: Sequence[Cost]) -> str:
    """Return which form inference was timed in, and how the plain network compares."""
    plain = [cost.latency.plain for cost in costs]
    latencies = listed([duration(each.single.median_seconds) for each in plain])
    rates = listed([significant(each.batched.images_per_second) for each in plain])
    difference = max(cost.latency.largest_output_difference for cost in costs)
    largest = max(cost.latency.largest_output for cost in costs)
    return (
        "Inference was timed with the network made ready for use, the deployed form: live taps "
        "only, batch norm folded, channels last. "
        f"The plain network takes {latencies}, and does {rates} images/s; outputs differ by at "
        f"most {difference:.0e}, of logits up to {significant(largest)}."
    )
