"""Reading params.yaml: a section becomes a frozen pydantic model or one clear line."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar, get_args, get_origin

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails

from resnet_depth.base.errors import UserError
from resnet_depth.base.messages import quoted, told
from resnet_depth.base.parsing import ParseError, parse
from resnet_depth.base.unchanged import watch_settings

Device = Annotated[
    Literal["auto", "cuda", "mps", "cpu"],
    Field(description="auto (cuda, then mps, then cpu), cuda, mps or cpu"),
]
Threads = Annotated[
    int, Field(ge=1, le=1024, description="a whole number of CPU threads from 1 to 1024")
]
EpochsFactor = Annotated[
    float,
    Field(
        gt=0,
        le=1000,
        strict=False,
        description="a number above 0, at most 1000, by which a recipe's epochs are multiplied",
    ),
]
# Of a file's content, by hexadecimal digits behind the algorithm's name.
Digest = Annotated[str, Field(pattern="^(md5:[0-9a-f]{32}|sha256:[0-9a-f]{64})$")]
# So many mistakes of a section are told, a line each.
MOST_MISTAKES = 20


class Section(BaseModel):
    """Base of every settings class.

    Frozen, strict about types and closed to unknown keys. Each field's `description` completes
    the sentence «allowed: …» of the message that refuses a value, and is what an editor shows at
    the key; of a field that holds a section, its keys and its docstring take that place.
    The message of a field's validator goes on after the field's name (« names … twice»); that of
    a whole section's validator begins with the key it refuses.
    """

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        strict=True,
        allow_inf_nan=False,
        # An editor's heading is the key as it is typed, not made into words.
        field_title_generator=lambda name, _: name,
    )


# What stands for a section that isn't there; null is a value.
MISSING = object()
# What was read of each settings file, by section.
_read: dict[Path, dict[str, Any]] = {}

S = TypeVar("S", bound=Section)
M = TypeVar("M")


def distinct(members: tuple[M, ...]) -> tuple[M, ...]:
    """Return a list's members, as a field's validator.

    Raises:
        ValueError: If one of them is there twice.
    """
    if len(set(members)) != len(members):
        raise ValueError(f"names a member twice: {quoted(list(members))}; name each once")
    return members


def read_params(path: Path) -> dict[str, Any]:
    """Return the parsed settings file.

    Raises:
        UserError: If the file is missing, is no YAML, or holds no mapping of sections.
    """
    try:
        content = parse(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UserError(
            f"{path}: no such settings file ({error.strerror}); run the command where params.yaml "
            "lies"
        ) from None
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise UserError(f"{path}: line {line} isn't UTF-8; save the file as UTF-8") from None
    except ParseError as error:
        raise UserError(f"{path}: {error}; correct it") from None
    if not isinstance(content, dict):
        raise UserError(f"{path}: must be a mapping of sections such as 'study:' and 'train:'")
    return content


def load_section(path: Path, section: str, kind: type[S]) -> S:
    """Return one section of the settings file as its settings class.

    The name `models.resnet18` stands for an entry of a section, "" for the whole file.

    Raises:
        UserError: One line for each wrong value, naming file, key, value and what is allowed.
    """
    content = parsed_section(path, section)
    if content is MISSING:
        raise missing(path, section, kind)
    return check(path, section, content, kind)


def parsed_section(path: Path, section: str) -> Any:
    """Return one section of the settings file as it is parsed, or `MISSING`; named as above.

    A stage that reads it hands nothing over if it is another one by then; see `unchanged`.

    Raises:
        UserError: As `read_params` does.
    """
    watch_settings(path, partial(_changed_sections, path))
    content = _part(read_params(path), section)
    _read.setdefault(path, {}).setdefault(section, content)
    return content


def _changed_sections(path: Path) -> list[str]:
    """Return the names of the sections of a file that were read and are others now."""
    try:
        today = read_params(path)
    except UserError:
        return list(_read[path])
    return [name for name, content in _read[path].items() if _part(today, name) != content]


def _part(content: Any, section: str) -> Any:
    for name in section.split(".") if section else []:
        if not isinstance(content, dict) or name not in content:
            return MISSING
        content = content[name]
    return content


def check(path: Path, section: str, content: Any, kind: type[S]) -> S:
    """Return a section's parsed content as its settings class; see `load_section`."""
    names = section.split(".") if section else []
    try:
        return kind.model_validate(content)
    except ValidationError as error:
        lines = [_explain(names, kind, details) for details in error.errors()[:MOST_MISTAKES]]
        if (more := error.error_count() - len(lines)) > 0:
            lines.append(f"{more:,} more mistakes; correct these first")
        raise UserError("\n".join(f"{path}: {line}" for line in lines)) from None


def missing(path: Path, section: str, kind: type[Section]) -> UserError:
    """Return the error about a section that isn't there."""
    return UserError(f"{path}: {section} is missing; add it: {_keys(kind)}")


def _explain(section: Sequence[str], kind: type[Section], details: ErrorDetails) -> str:
    """Return the sentence that refuses one value."""
    names_entry = details["loc"][-1:] == ("[key]",)
    location = [str(part) for part in details["loc"][: -1 if names_entry else None]]
    key = told(".".join([*section, *location]))
    if names_entry:
        return f"{key} is no allowed name; allowed: {_allowed(kind, location[:-1])[1]}"
    owner, allowed = _allowed(kind, location)
    match details["type"]:
        case "extra_forbidden" | "invalid_key":
            what = "key; allowed here" if "." in key else "section; allowed"
            return f"{key} is no known {what}: {', '.join(owner.model_fields)}"
        case "value_error":
            joint = "." if isinstance(details["input"], dict) else " "
            return f"{key}{joint}{details['ctx']['error']}"
        case "missing":
            return f"{key} is missing; add it: {allowed}"
    return f"{key} is {quoted(details['input'])}; allowed: {allowed or details['msg']}"


def _allowed(kind: type[Section], location: Sequence[str]) -> tuple[type[Section], str | None]:
    """Return the innermost settings class on the way to a location, and what is allowed there."""
    owner, allowed = kind, None
    inner: Any = kind
    for part in location:
        if _is_section(inner):
            owner, field = inner, inner.model_fields.get(part)
            inner, allowed = (field.annotation, field.description) if field else (None, None)
        else:
            # An entry of a mapping; or a member of a list, which the list's field describes.
            inner = get_args(inner)[1] if get_origin(inner) is dict else None
    return owner, _keys(inner) if _is_section(inner) else allowed


def _is_section(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, Section)


def _keys(kind: type[Section]) -> str:
    return f"a mapping of {', '.join(kind.model_fields)}"
