"""A dataset joins the study: one more line of params.yaml, and nothing else in it changes."""

from pathlib import Path
from typing import cast

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedSeq

from resnet_depth.base.errors import UserError
from resnet_depth.base.files import write_text
from resnet_depth.base.messages import told
from resnet_depth.base.parsing import ParseError, parse
from resnet_depth.params import load_params


def join(path: Path, key: str) -> bool:
    """Add a dataset to `study.datasets` of a settings file, such as params.yaml, in one step.

    Returns:
        Whether it was missing there.

    Raises:
        UserError: If no such dataset is described, the file can only be edited by hand, or as
            `load_params` does.
    """
    params = load_params(path)
    if key in params.study.datasets:
        return False
    if key not in params.datasets:
        known = ", ".join(params.datasets)
        raise UserError(f"{path}: datasets has no {told(key)}; it has {known}; describe it there")
    text = path.read_text(encoding="utf-8")
    wanted = parse(text)
    wanted["study"]["datasets"].append(key)
    longer = _with_member(text, key)
    if not _says(longer, wanted):
        raise UserError(f"{path}: can't be edited safely; add '- {key}' to study.datasets there")
    write_text(path, longer)
    return True


def _with_member(text: str, key: str) -> str:
    """Return the file's text with one more line, after that of the last dataset."""
    members = cast(CommentedSeq, YAML().load(text)["study"]["datasets"])
    row, column = members.lc.item(len(members) - 1)
    lines = text.splitlines(keepends=True)
    lines.insert(row + 1, f"{lines[row][:column]}{key}\n")
    return "".join(lines)


def _says(text: str, wanted: object) -> bool:
    """Return whether a text is valid and has that content."""
    try:
        return bool(parse(text) == wanted)
    except ParseError:
        return False
