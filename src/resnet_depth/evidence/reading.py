"""Tables that stages left in CSV, read with their columns checked; digests of what was read."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from resnet_depth.base.faults import naming
from resnet_depth.base.files import file_digest, write_json
from resnet_depth.runs.records import damaged, require_file

# Columns of names: a class may be called 007, a recipe 1e3.
NAMES = dict.fromkeys(
    [*["class", "actual", "predicted", "said"], *["recipe", "first_recipe", "second_recipe"]], str
)

# Columns of words that no name can be taken for.
TEXTS = ("kind", "chosen_by", "group")
# Columns of whole numbers from 0 on, and of fractions; those of other numbers are only finite.
WHOLE = (
    *("depth", "seed", "epoch", "index", "label", "prediction", "images", "count", "first_only"),
    *("second_only", "parameters", "nonzero_parameters", "macs", "file_bytes", "bin", "rank"),
    *("found", "agreeing", "seeds", "first", "second"),
)
FRACTION = re.compile(
    "(.*_)?accuracy|probability(_\\d+)?|confidence|fraction|share|p_value|low|high|"
    "expected_calibration_error"
)
# Where there may be nothing: what wasn't measured, or had no images.
MAYBE_EMPTY = re.compile(
    "(validation|mirrored|recalibrated|tuned)_.*|accuracy|confidence|fraction|chosen_by"
)


def read_csv(path: Path) -> pd.DataFrame:
    """Read a CSV file with every digit of its numbers, and names as they are."""
    with naming(path):
        return pd.read_csv(path, keep_default_na=False, na_values="", dtype=NAMES)


def read_table(path: Path, columns: Sequence[str], target: str) -> pd.DataFrame:
    """Read these columns, in this order, of a CSV file with every digit of its numbers.

    Raises:
        UserError: If the file is missing, is no table, or lacks a column, or if a number is none,
            isn't finite or not of the column's kind.
    """
    require_file(path, target)
    try:
        table = read_csv(path)
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError):
        raise damaged(path, target, "no valid CSV table") from None
    missing = [column for column in columns if column not in table]
    if missing:
        raise damaged(path, target, f"lacks the column {missing[0]}")
    for column in columns:
        if fault := _fault(table[column]):
            raise damaged(path, target, f"{column} {fault}")
    return table[list(columns)]


def _fault(values: "pd.Series[Any]") -> str | None:
    """Return what is wrong with a column, by its name."""
    name = str(values.name)
    if name in NAMES or name in TEXTS or values.empty:
        return None
    present = values.dropna()
    numbers = pd.api.types.is_numeric_dtype(present)
    faults = {
        "lacks a value": len(present) < len(values) and not MAYBE_EMPTY.fullmatch(name),
        "has what is no finite number": not (numbers and np.isfinite(present).all()),
        "has what is no whole number from 0 on": numbers
        and name in WHOLE
        and not (pd.api.types.is_integer_dtype(present) and (present >= 0).all()),
        "has what is no fraction of 1": numbers
        and FRACTION.fullmatch(name)
        and not present.between(0, 1).all(),
    }
    return next((fault for fault, found in faults.items() if found), None)


def digests(paths: Sequence[Path]) -> dict[str, str]:
    """Return each file's SHA-256, in hexadecimal digits, by its path."""
    return {path.as_posix(): file_digest(path) for path in paths}


def write_inputs(path: Path, folders: Sequence[Path]) -> None:
    """Write the MD5 of each file in some folders that a stage depends on, by its path.

    A folder's hash in dvc.lock is made of these. With them a clone that lacks the files can tell
    whether the stage has read what the lock names now.
    """
    files = sorted(file for folder in folders for file in folder.rglob("*") if file.is_file())
    write_json(path, {file.as_posix(): file_digest(file, "md5") for file in files})
