"""The records and tables that stages leave in JSON and CSV, read with their shape checked.

What a stage adds to a record later is ignored here until somebody needs it.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

import pandas as pd
from pydantic import BaseModel, ConfigDict, ValidationError

from resnet_depth.errors import UserError
from resnet_depth.files import read_json

# Columns of classes' names: a class may be called 007.
NAMES = dict.fromkeys(["class", "actual", "predicted", "said"], str)


class Record(BaseModel):
    """Base of all records: frozen, with numbers that are finite."""

    model_config = ConfigDict(frozen=True, allow_inf_nan=False)


class TrainingRecord(Record):
    """`train.json` of a run: what was trained.

    `parameters` and `macs` (of one image) are counts, with `live_` of those that can meet a pixel;
    `initial_loss` is the first batch's before
    any step, in nats.
    """

    dataset: str
    depth: int
    seed: int
    stem: str
    classes: int
    image_size: int
    epochs: int
    steps: int
    batch_size: int
    train_images: int
    validation_images: int
    parameters: int
    live_parameters: int
    macs: int
    live_macs: int
    initial_loss: float


class EvaluationRecord(Record):
    """`metrics.json` of a run's evaluation; loss in nats, confusion rows are actual classes."""

    depth: int
    seed: int
    images: int
    test_accuracy: float
    test_loss: float
    expected_calibration_error: float
    class_accuracy: list[float | None]
    confusion: list[list[int]]


class MachineClass(Record):
    """What decides the last bits of a result on a CPU, see `provenance.machine_class`."""

    processor: str
    instruction_sets: str
    system: str
    architecture: str
    python: str
    packages: dict[str, str]


class Environment(Record):
    """Where and when a clock was read; `commit` ends in `+changes` for an edited tree."""

    machine_class: MachineClass
    cores: int
    dvc: str
    date: str
    commit: str | None


class Clocked(Record):
    """What every record of a clock says; `shared`: others used the machine meanwhile."""

    depth: int
    seed: int
    device: str
    device_title: str
    threads: int
    other_load: float
    shared: bool
    environment: Environment


class DurationRecord(Clocked):
    """Durations of a run's training; images/s and seconds are of training alone."""

    train_seconds: float
    epoch_seconds: list[float]
    images_per_second: float
    precision: str
    batch_size: int


class BatchTimes(Record):
    """Inference times of one batch size, of `repeats` timed runs after `warmup` untimed ones.

    `seconds` are those of every timed run, in order.
    """

    batch_size: int
    warmup: int
    repeats: int
    median_seconds: float
    p90_seconds: float
    p99_seconds: float
    images_per_second: float
    seconds: list[float]


class Timings(Record):
    """One image at a time, and many at once."""

    single: BatchTimes
    batched: BatchTimes


class LatencyRecord(Clocked):
    """Inference times of one depth, of the plain network and of the deployed form.

    `largest_output_difference` is that of the two forms' logits on `compared_images` images, and
    `largest_output` the largest logit's size among them.
    """

    image_size: int
    dtype: str
    plain: Timings
    deployed: Timings
    compared_images: int
    largest_output_difference: float
    largest_output: float


R = TypeVar("R", bound=Record)


def read_record(path: Path, kind: type[R], target: str) -> R:
    """Read one record.

    Args:
        path: The JSON file.
        kind: The record's class.
        target: The DVC stage that writes it, such as `train@digits-18-0`, for the message.

    Raises:
        UserError: If the file is missing, is no JSON, or lacks a key.
    """
    _require_file(path, target)
    try:
        return kind.model_validate(read_json(path))
    except (json.JSONDecodeError, UnicodeDecodeError):
        raise _damaged(path, target, "no valid JSON") from None
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise _damaged(path, target, f"{where}: {first['msg']}") from None


def read_table(path: Path, columns: Sequence[str], target: str) -> pd.DataFrame:
    """Read a CSV file with every digit of its numbers.

    Args:
        path: The file.
        columns: Names of the columns to return, in this order.
        target: The DVC stage that writes it, for the message.

    Raises:
        UserError: If the file is missing, is no table, or lacks a column.
    """
    _require_file(path, target)
    try:
        table = pd.read_csv(path, keep_default_na=False, na_values="", dtype=NAMES)
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError):
        raise _damaged(path, target, "no valid CSV table") from None
    missing = [column for column in columns if column not in table]
    if missing:
        raise _damaged(path, target, f"lacks the column {missing[0]}")
    return table[list(columns)]


def _require_file(path: Path, target: str) -> None:
    """Refuse a file that isn't there, naming the DVC stage that writes it."""
    if not path.is_file():
        raise UserError(f"{path}: missing; 'dvc repro {target}' makes it")


def _damaged(path: Path, target: str, fault: str) -> UserError:
    """Return the error about a file that isn't as its stage writes it."""
    return UserError(f"{path}: {fault}; remove {path.parent} and repeat 'dvc repro {target}'")
