"""The table of all experiments, for a terminal of any width and in Markdown."""

import textwrap
from collections.abc import Sequence
from statistics import fmean

from resnet_depth.commands.experimenting.collect import Experiment, Trained
from resnet_depth.evidence.statistics import estimate_mean
from resnet_depth.evidence.wording import count, duration, percent, spread_percent

COLUMNS = ("n", "Validation", "Test", "Time", "Size")
UNKNOWN = "–"
TRY = "dvc exp run --temp -S recipes.reference.lr=0.0003 report@digits"


def as_text(experiments: Sequence[Experiment], confidence: float, width: int) -> str:
    """Return the experiments with a line a network, for so many columns.

    Where a name is too long for them, the numbers keep their columns and lines are longer.
    """
    cells = [
        (f"  {name}", *_cells(network, confidence))
        for one in experiments
        for name, network in one.networks.items()
    ]
    rows = [("Network", *COLUMNS), *cells]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = {row: _aligned(row, widths) for row in rows}
    text = [lines[rows[0]]]
    following = iter(cells)
    for one in experiments:
        text += ["", _title(one)]
        for change in one.changes:
            text += textwrap.wrap(
                change, width, initial_indent="  ", subsequent_indent="    ", break_on_hyphens=False
            )
        text += [lines[next(following)] for _ in one.networks]
    notes = [
        line for note in _notes(experiments, confidence) for line in textwrap.wrap(note, width)
    ]
    return "\n".join([*text, "", *notes]) + "\n"


def as_markdown(experiments: Sequence[Experiment], confidence: float) -> str:
    """Return the experiments as a table in Markdown, a row a network."""
    header = ("Experiment", "Changed", "Network", *COLUMNS)
    rows = [header, ("---",) * 3 + ("---:",) * len(COLUMNS)]
    for one in experiments:
        changed = "<br>".join(f"`{change}`" for change in one.changes)
        networks = [(name, *_cells(network, confidence)) for name, network in one.networks.items()]
        first, *others = networks or [("",) * (1 + len(COLUMNS))]
        rows += [(_title(one), changed, *first), *(("", "", *other) for other in others)]
    lines = [f"| {' | '.join(row)} |" for row in rows]
    return "\n".join([*lines, "", *_notes(experiments, confidence)]) + "\n"


def _title(one: Experiment) -> str:
    return f"{one.name}, {one.state}" if one.state else one.name


def _aligned(row: Sequence[str], widths: Sequence[int]) -> str:
    """Return a row's cells in columns; all but the first are numbers."""
    name, *numbers = (
        f"{cell:<{width}}" if place == 0 else f"{cell:>{width}}"
        for place, (cell, width) in enumerate(zip(row, widths, strict=True))
    )
    return "  ".join([name, *numbers])


def _cells(network: Trained, confidence: float) -> tuple[str, ...]:
    """Return what is shown of a network: number of seeds, accuracies, time and size."""
    return (
        str(network.seeds),
        _accuracy(network.validation, confidence),
        _accuracy(network.test, confidence),
        duration(fmean(network.seconds)) if network.seconds else UNKNOWN,
        count(network.parameters) if network.parameters else UNKNOWN,
    )


def _accuracy(values: Sequence[float], confidence: float) -> str:
    found = estimate_mean(values, confidence) if values else None
    return spread_percent(found.mean, found.half_width) if found else UNKNOWN


def _notes(experiments: Sequence[Experiment], confidence: float) -> list[str]:
    """Return what the numbers mean, and what to do where there are none."""
    notes = [
        f"Means over n seeds ± half of their {percent(confidence, 0)} interval; accuracies after "
        "the last epoch, time of a training, parameters. Of an experiment: the networks that it "
        "trained, where their bytes aren't its commit's."
    ]
    trained = [network for one in experiments for network in one.networks.values()]
    if any(network.parameters is None for network in trained):
        notes.append(f"{UNKNOWN}: not computed, or not in DVC's cache here (dvc fetch, make run).")
    if all(one.is_commit for one in experiments):
        notes.append(f"No experiments yet; one that leaves your files alone: {TRY}")
    return notes
