"""How stages leave records in JSON, and how they are read again: through one class, both ways."""

import json
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from resnet_depth.base.errors import UserError
from resnet_depth.base.files import read_json, write_json


class Record(BaseModel):
    """Base of all records: frozen, closed to unknown keys, with numbers that are finite."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


R = TypeVar("R", bound=Record)


def write_record(path: Path, record: Record) -> None:
    """Replace `path` by a record as indented JSON, its keys in the order of its fields."""
    write_json(path, record.model_dump())


def read_record(path: Path, kind: type[R], target: str) -> R:
    """Read one record that the DVC stage `target`, such as `train@digits-18-0`, wrote.

    Raises:
        UserError: If the file is missing, is no JSON, or isn't as `kind` has it.
    """
    require_file(path, target)
    try:
        return kind.model_validate(read_json(path))
    except (json.JSONDecodeError, UnicodeDecodeError):
        raise damaged(path, target, "no valid JSON") from None
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise damaged(path, target, f"{where}: {first['msg']}") from None


def require_file(path: Path, target: str) -> None:
    """Refuse a file that isn't there, naming the DVC stage that writes it."""
    if not path.is_file():
        raise UserError(f"{path}: missing; 'dvc repro {target}' makes it")


def damaged(path: Path, target: str, fault: str) -> UserError:
    """Return the error about a file that isn't as its stage writes it."""
    return UserError(f"{path}: {fault}; remove {path.parent} and repeat 'dvc repro {target}'")
