"""How stages leave records in JSON, and how they are read again: through one class, both ways."""

from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from resnet_depth.base.errors import UserError
from resnet_depth.base.faults import naming
from resnet_depth.base.files import write_json

Count = Annotated[int, Field(ge=0)]
Fraction = Annotated[float, Field(ge=0, le=1)]
Seconds = Annotated[float, Field(gt=0)]
Magnitude = Annotated[float, Field(ge=0)]
# Of a file's content, by hexadecimal digits.
Sha256 = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


class Record(BaseModel):
    """Base of all records: frozen, closed to unknown keys, with numbers that are finite.

    What must hold of a record is said by its fields' types and its validators, for all readers.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


R = TypeVar("R", bound=Record)


def write_record(path: Path, record: Record) -> None:
    """Replace `path` by a record as indented JSON, its keys in the order of its fields."""
    write_json(path, record.model_dump())


def read_record(path: Path, kind: type[R], target: str, **of_whom: Any) -> R:
    """Read one record that the DVC stage `target`, such as `train@digits-18-0`, wrote.

    `of_whom` are values that some of its fields must have, such as `depth` and `seed`.

    Raises:
        UserError: If the file is missing, is no JSON, or isn't as `kind` has it, or of another.
    """
    require_file(path, target)
    try:
        with naming(path):
            record = kind.model_validate_json(path.read_bytes(), strict=True)
    except ValidationError as error:
        first = error.errors()[0]
        if first["type"] == "json_invalid":
            raise damaged(path, target, "no valid JSON") from None
        where = ".".join(str(part) for part in first["loc"])
        raise damaged(path, target, f"{where}: {first['msg']}".removeprefix(": ")) from None
    for name, value in of_whom.items():
        if (found := getattr(record, name)) != value:
            raise damaged(path, target, f"{name} is {found}, not {value}")
    return record


def require_file(path: Path, target: str) -> None:
    """Refuse a file that isn't there, naming the DVC stage that writes it."""
    if not path.is_file():
        raise UserError(f"{path}: missing; 'dvc repro {target}' makes it")


def damaged(path: Path, target: str, fault: str) -> UserError:
    """Return the error about a file that isn't as its stage writes it."""
    return UserError(f"{path}: {fault}; remove {path.parent} and repeat 'dvc repro {target}'")
