"""Reading params.yaml: a section becomes a frozen pydantic model or one clear line.

Parsed with ruamel.yaml as YAML 1.2, as DVC does, so that both see the same values (`1e-3` is a
number here; in YAML 1.1 it is a string).
"""

from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from resnet_depth.base.errors import UserError

Device = Annotated[
    Literal["auto", "cuda", "mps", "cpu"],
    Field(description="auto (cuda, then mps, then cpu), cuda, mps or cpu"),
]
Threads = Annotated[
    int, Field(ge=1, le=1024, description="a whole number of CPU threads from 1 to 1024")
]
Epochs = Annotated[
    int, Field(ge=1, description="a whole number of passes over the images, at least 1")
]


class Section(BaseModel):
    """Base of every settings class.

    Frozen, strict about types and closed to unknown keys. Each field's `description` completes
    the sentence «allowed: …» of the message that refuses a value.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


S = TypeVar("S", bound=Section)


def read_params(path: Path) -> dict[str, Any]:
    """Return the parsed settings file.

    Raises:
        UserError: If the file is missing, is no YAML, or holds no mapping of sections.
    """
    if not path.is_file():
        raise UserError(f"{path}: no such settings file; run the command where params.yaml lies")
    try:
        content = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else "?"
        problem = " ".join(str(error.problem).split())
        raise UserError(f"{path}: line {line} is no valid YAML: {problem}; correct it") from None
    except (YAMLError, UnicodeDecodeError) as error:
        raise UserError(f"{path}: no valid YAML: {' '.join(str(error).split())}") from None
    if not isinstance(content, dict):
        raise UserError(f"{path}: must be a mapping of sections such as 'study:' and 'train:'")
    return content


def load_section(path: Path, section: str, kind: type[S]) -> S:
    """Return one section of the settings file as its settings class.

    Args:
        path: The settings file, such as params.yaml.
        section: Its name; `models.resnet18` stands for an entry of a section.
        kind: The settings class of that section.

    Raises:
        UserError: One line for each wrong value, naming file, key, value and what is allowed.
    """
    return parse_section(read_params(path), path, section, kind)


def parse_section(params: dict[str, Any], path: Path, section: str, kind: type[S]) -> S:
    """Return one section of already parsed settings; see `load_section`."""
    content: Any = params
    for name in section.split("."):
        if not isinstance(content, dict) or name not in content:
            keys = ", ".join(kind.model_fields)
            raise UserError(f"{path}: {section} is missing; add it with the keys {keys}")
        content = content[name]
    if not isinstance(content, dict):
        keys = ", ".join(kind.model_fields)
        raise UserError(f"{path}: {section} is {content!r}; allowed: a mapping of {keys}")
    try:
        return kind.model_validate(content)
    except ValidationError as error:
        lines = [_explain(path, section, kind, details) for details in error.errors()]
        raise UserError("\n".join(lines)) from None


def _explain(path: Path, section: str, kind: type[Section], details: ErrorDetails) -> str:
    """Return the line that refuses one value."""
    location = [str(part) for part in details["loc"]]
    where = f"{path}: {'.'.join([section, *location])}"
    owner, field = _field(kind, location)
    if details["type"] == "extra_forbidden":
        return f"{where} is no known key; allowed here: {', '.join(owner.model_fields)}"
    allowed = (owner.model_fields[field].description if field else None) or details["msg"]
    if details["type"] == "missing":
        return f"{where} is missing; add it: {allowed}"
    if details["type"] == "value_error":
        # A validator of a whole section begins its message with the key it refuses.
        return f"{where}{': ' if location else '.'}{details['ctx']['error']}"
    return f"{where} is {details['input']!r}; allowed: {allowed}"


def _field(kind: type[Section], location: list[str]) -> tuple[type[Section], str | None]:
    """Return the settings class and field name that a validation error's location points into."""
    owner, field = kind, None
    for part in location:
        inner = owner.model_fields[field].annotation if field else None
        if isinstance(inner, type) and issubclass(inner, Section):
            owner, field = inner, None
        if field is None and part in owner.model_fields:
            field = part
    return owner, field
