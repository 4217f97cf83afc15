"""The table of what pruning left of each network, for the page."""

from collections.abc import Sequence
from typing import NamedTuple

from resnet_depth.evidence.costs import batch_sizes, deployed_form, sessions_told
from resnet_depth.evidence.evidence import Evidence
from resnet_depth.evidence.statistics import Estimate
from resnet_depth.evidence.wording import (
    count,
    decimal,
    duration,
    network_title,
    points,
    significant,
    spread_percent,
)
from resnet_depth.findings.pruning import LevelFinding, PruningFinding
from resnet_depth.findings.pruning_sentences import BY, share_text
from resnet_depth.report.results_table import SHARED_MARK

NOTHING = "–"
_COLUMNS = {
    "Network": "a ResNet and its depth",
    "What goes": "dead taps, which no output depends on; then also a share of each layer's "
    "channels inside blocks, of these and those along shortcuts, or of all single weights",
    "Parameters": "numbers that the network has",
    "Not zero": "those of them that aren't zero",
    "MACs": "multiplications and additions that one image takes",
    "File": "the stored network: a zero takes as much room as another number",
    "At once": "validation accuracy of what is left, as it is",
    "Recalibrated": "the same with batch norm's statistics taken anew on the training images",
    "Tuned": "the same after training further and recalibration; ± half of an interval",
    "Change": "in points, against the network without dead taps that was tuned as long",
    "Tuning time": "wall time of recalibration and tuning: mean over seeds that had the machine "
    "to themselves",
}

_WHERE = {"inner": "inside blocks", "groups": "along shortcuts too", "weights": "single weights"}


class Row(NamedTuple):
    """A network at a level: the texts of its cells, and the numbers they are sorted by."""

    depth: int
    cells: tuple[str, ...]
    values: tuple[float | str, ...]


def pruning_columns(evidence: Evidence) -> dict[str, str]:
    """Return the names of the columns, and what they mean."""
    timed = list(evidence.pruned_latency.values())
    single, batched = batch_sizes(timed, "single"), batch_sizes(timed, "batched")
    name, images = ("One image", "one image") if single == "1" else ("Latency", f"{single} images")
    return _COLUMNS | {
        name: f"wall time to classify {images} in the deployed form, the median of many "
        "repetitions; what chance chose, shaped alike, wasn't timed",
        "Throughput": f"images classified per second in that form, {batched} at once",
    }


def timing_note(evidence: Evidence) -> str:
    """Return what inference was timed on, and which of its sessions count."""
    timed = list(evidence.pruned_latency.values())
    shared = f" {SHARED_MARK} Others used the machine meanwhile: it may be faster."
    return (
        f"Inference was timed on the network of seed {timed[0].seed} in the deployed form, "
        f"{deployed_form(timed)}. {sessions_told(timed)}"
        f"{shared if any(each.shared for each in timed) else ''}"
    )


def pruning_rows(evidence: Evidence, found: Sequence[PruningFinding]) -> list[Row]:
    """Return a row for each depth and level, in the order of the levels."""
    seconds = _seconds(evidence)
    return [
        _row(one, place, level, seconds.get((one.depth, level.kind, level.chosen_by, level.share)))
        for one in found
        for place, level in enumerate(one.levels)
    ]


def _row(found: PruningFinding, place: int, level: LevelFinding, seconds: float | None) -> Row:
    difference = level.difference
    cells: list[tuple[str, float | str]] = [
        (network_title(found.depth), found.depth),
        (_what(level), place),
        (count(level.parameters), level.parameters),
        (count(level.nonzero_parameters), level.nonzero_parameters),
        (count(level.macs), level.macs),
        (f"{decimal(level.file_bytes / 1e6)} MB", level.file_bytes),
        *(_accuracy(each) for each in (level.at_once, level.recalibrated, level.tuned)),
        (points(difference.mean), difference.mean) if difference else (NOTHING, ""),
        (duration(seconds), seconds) if seconds is not None else (NOTHING, ""),
        *_speed(level),
    ]
    return Row(found.depth, tuple(text for text, _ in cells), tuple(value for _, value in cells))


def _what(level: LevelFinding) -> str:
    if not level.share:
        return {"full": "nothing", "exact": "dead taps"}[level.kind]
    return f"{share_text(level.share)} {_WHERE[level.kind]}, by {BY[level.chosen_by]}"


def _speed(level: LevelFinding) -> list[tuple[str, float | str]]:
    """Return latency and throughput; marked where others used the machine."""
    if (speed := level.timings) is None:
        return [(NOTHING, "")] * 2
    seconds, rate = speed.single_seconds, speed.images_per_second
    mark = SHARED_MARK if speed.shared else ""
    return [(f"{duration(seconds)}{mark}", seconds), (f"{significant(rate)}/s{mark}", rate)]


def _accuracy(found: Estimate | None) -> tuple[str, float | str]:
    if found is None:
        return NOTHING, ""
    return spread_percent(found.mean, found.half_width), found.mean


def _seconds(evidence: Evidence) -> dict[tuple[int, str, str, float], float]:
    """Return the mean time of each depth and level over the runs that had the machine alone."""
    times = dict[tuple[int, str, str, float], list[float]]()
    for run, record in evidence.pruning_durations.items():
        for each in [] if record.shared else record.levels:
            key = run.depth, each.kind, each.chosen_by, each.share
            times.setdefault(key, []).append(each.recalibrate_seconds + each.tune_seconds)
    return {key: sum(values) / len(values) for key, values in times.items()}
