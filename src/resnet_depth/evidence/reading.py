"""Tables that stages left in CSV, read with their columns checked; digests of what was read."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from resnet_depth.base.faults import naming
from resnet_depth.base.files import file_digest
from resnet_depth.runs.records import damaged, require_file

# Columns of names: a class may be called 007, a recipe 1e3.
NAMES = dict.fromkeys(
    [*["class", "actual", "predicted", "said"], *["recipe", "first_recipe", "second_recipe"]], str
)


def read_csv(path: Path) -> pd.DataFrame:
    """Read a CSV file with every digit of its numbers, and names as they are."""
    with naming(path):
        return pd.read_csv(path, keep_default_na=False, na_values="", dtype=NAMES)


def read_table(path: Path, columns: Sequence[str], target: str) -> pd.DataFrame:
    """Read these columns, in this order, of a CSV file with every digit of its numbers.

    Raises:
        UserError: If the file is missing, is no table, or lacks a column.
    """
    require_file(path, target)
    try:
        table = read_csv(path)
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError):
        raise damaged(path, target, "no valid CSV table") from None
    missing = [column for column in columns if column not in table]
    if missing:
        raise damaged(path, target, f"lacks the column {missing[0]}")
    return table[list(columns)]


def digests(paths: Sequence[Path]) -> dict[str, str]:
    """Return each file's SHA-256, in hexadecimal digits, by its path."""
    return {path.as_posix(): file_digest(path) for path in paths}
