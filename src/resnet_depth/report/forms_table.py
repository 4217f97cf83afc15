"""The table of forms: how right and how fast each network's files answer."""

from collections.abc import Sequence

from resnet_depth.evidence.costs import Cost, batch_sizes, sessions
from resnet_depth.evidence.evidence import StudyEvidence
from resnet_depth.evidence.wording import (
    count,
    duration,
    duration_unit,
    network_title,
    percent,
    significant,
)
from resnet_depth.export.records import INT8_FILE, ONNX_FILE
from resnet_depth.latency.records import BatchTimes, Timings
from resnet_depth.report.results_table import RECIPE_COLUMN, ResultsTable
from resnet_depth.runs.names import WEIGHTS_FILE

# What can't be told, and where it stands when rows are sorted.
NOTHING = "–", -1.0


def forms_table(study: StudyEvidence, costs: Sequence[Cost]) -> ResultsTable:
    """Return the table of all networks' forms, up to three rows for each."""
    several = len(study.recipes) > 1
    timed = [cost.latency for cost in costs]
    single, batched = batch_sizes(timed, "single"), batch_sizes(timed, "batched")
    images = "one image" if single == "1" else f"{single} images at once"
    judges = study.first.card.counts["validation"]
    accuracy = f"on {judges:,} validation images" if judges else "not known: no validation part"
    cells = [
        [
            (network_title(cost.depth), cost.depth),
            *([(cost.size.recipe, study.recipes.index(cost.size.recipe))] if several else []),
            *row,
        ]
        for cost in costs
        for row in _rows(cost)
    ]
    return ResultsTable(
        title=f"{study.first.title}: networks put to use",
        subtitle=f"Networks of seed {timed[0].seed}; times are medians of {sessions(timed)}, with "
        f"the smallest and the largest in brackets; accuracy {accuracy}; one network each, so "
        "there is no spread over seeds",
        columns={
            "Network": "a ResNet and its depth, the number of layers with weights",
            **(RECIPE_COLUMN if several else {}),
            "Form": "the plain network as it was trained; the deployed one in float32; the same "
            "in 8-bit integers",
            "File": "size of the exported file",
            "Validation accuracy": "share of the validation images that it classified correctly",
            "Latency": f"wall time to classify {images}, the median",
            "Throughput": f"images classified per second, {batched} at once",
        },
        rows=tuple(tuple(text for text, _ in row) for row in cells),
        values=tuple(tuple(value for _, value in row) for row in cells),
        notes=(),
    )


def _rows(cost: Cost) -> list[list[tuple[str, float]]]:
    """Return text and number of the cells of each form of a network."""
    latency, export = cost.latency, cost.export
    on_cpu = latency.int8 is not None
    forms: list[tuple[str, str | None, float | None, Timings]] = [
        ("plain", WEIGHTS_FILE, export.validation_accuracy, latency.plain),
        (
            latency.deployed_by,
            ONNX_FILE if on_cpu else None,
            export.onnx_validation_accuracy if on_cpu else export.validation_accuracy,
            latency.deployed,
        ),
    ]
    if latency.int8 is not None:
        forms.append(("8 bits", INT8_FILE, export.int8_validation_accuracy, latency.int8))
    return [
        [
            (form, place),
            (f"{count(export.files[file].bytes)}B", export.files[file].bytes) if file else NOTHING,
            NOTHING if accuracy is None else (percent(accuracy, 2), accuracy),
            (_latency(times.single), times.single.median_seconds),
            (_rate(times.batched), times.batched.images_per_second),
        ]
        for place, (form, file, accuracy, times) in enumerate(forms)
    ]


def _latency(times: BatchTimes) -> str:
    """Return a median with the sessions' least and largest."""
    length, _ = duration_unit(times.median_seconds)
    ends = [significant(seconds / length) for seconds in (min(times.medians), max(times.medians))]
    return f"{duration(times.median_seconds)} ({'–'.join(ends)})"


def _rate(times: BatchTimes) -> str:
    """Return images a second with the sessions' least and largest."""
    seconds = max(times.medians), min(times.medians)
    ends = [significant(times.batch_size / each) for each in seconds]
    return f"{significant(times.images_per_second)}/s ({'–'.join(ends)})"
