"""Records and tables that stages left in JSON and CSV, read with their shape checked."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

import pandas as pd
from pydantic import ValidationError

from resnet_depth.base.errors import UserError
from resnet_depth.base.files import read_json
from resnet_depth.runs.names import Run
from resnet_depth.runs.records import Record

# Columns of classes' names: a class may be called 007.
NAMES = dict.fromkeys(["class", "actual", "predicted", "said"], str)

R = TypeVar("R", bound=Record)


def instance(stage: str, dataset: str, member: Run | int) -> str:
    """Return the name of a stage's instance of a run or depth, such as `train@digits-18-0`."""
    depth, seed = (member.depth, f"-{member.seed}") if isinstance(member, Run) else (member, "")
    return f"{stage}@{dataset}-{depth}{seed}"


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
