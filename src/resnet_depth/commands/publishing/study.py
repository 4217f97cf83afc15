"""Finding a number in a publication (docs/results/<study>/) by a short selector.

A selector is `<path>`, `<function>(<path>)`, or two of these with ` / ` or ` - ` between; a plain
number may stand for either. A path begins with the name of a source:

- `summary`, `provenance`, `params`: the file of that name, whole;
- `costs`: the list, one item a depth, in costs.json; `findings`: the list of claims in
  findings.json;
- `training`: a list of all runs' train.json;
- any table of tables/, such as `accuracy_over_seeds` or `curves`: a list of its rows.

`.name` goes to a key, in each item of a list; `[depth=18]` or `[depth=18,seed=0]` keeps the items
with these values, `[0]` and `[-1]` take one by its place. A path must lead to one value, unless a
function makes one of several: `mean`, `min`, `max`, `sum`, `count`, `abs` (of one).

    summary.resnet18_accuracy
    accuracy_over_seeds[depth=18].low
    costs[depth=50].train_seconds.mean / costs[depth=18].train_seconds.mean
    findings[claim=1].pairs[first=18,second=50].difference
    mean(curves[depth=50,epoch=1].validation_accuracy)
"""

import csv
import math
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from resnet_depth.base.errors import UserError
from resnet_depth.base.files import read_json
from resnet_depth.base.sections import read_params

_PART = re.compile(r"(?P<name>[A-Za-z0-9_-]+)(?:\[(?P<filter>[^]]+)\])?(?:\.|$)")
_FUNCTION = re.compile(r"(?P<name>[a-z]+)\((?P<path>.+)\)")
_NUMBER = re.compile(r"\d+(\.\d+)?")
# The list in a file that holds one and little else.
_LISTS = {"costs": "costs", "findings": "claims"}
_FUNCTIONS: dict[str, Callable[[list[Any]], Any]] = {
    "mean": lambda values: math.fsum(values) / len(values),
    "min": min,
    "max": max,
    "sum": math.fsum,
    "count": len,
    "abs": lambda values: abs(_only(values)),
}


class SelectorError(ValueError):
    """A selector that names nothing, or more than one thing; its text says which part."""


@dataclass(frozen=True)
class Publication:
    """A published study's files, each read once, when a selector first names it."""

    folder: Path
    _read: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)

    def source(self, name: str) -> Any:
        """Return the parsed content of a source.

        Raises:
            SelectorError: If the publication has no source of that name.
        """
        if name not in self._read:
            self._read[name] = self._load(name)
        return self._read[name]

    def _load(self, name: str) -> Any:
        table = self.folder / "tables" / f"{name}.csv"
        if name == "training":
            return [read_json(path) for path in sorted((self.folder / name).glob("*.json"))]
        if name == "params":
            return read_params(self.folder / "params.yaml")
        if (self.folder / f"{name}.json").is_file():
            content = read_json(self.folder / f"{name}.json")
            return content[_LISTS[name]] if name in _LISTS else content
        if table.is_file():
            with table.open(encoding="utf-8", newline="") as file:
                return [
                    {key: _parsed(text) for key, text in row.items()}
                    for row in csv.DictReader(file)
                ]
        raise SelectorError(f"has no source {name}")

    def value(self, selector: str) -> Any:
        """Return the value that a selector names.

        Raises:
            SelectorError: If it is no selector, or names nothing, null or several values.
        """
        words = selector.split()
        if len(words) == 1:
            return self._term(words[0])
        if len(words) != 3 or words[1] not in ("/", "-"):
            raise SelectorError("isn't one path, or two with ' / ' or ' - ' between")
        first, second = (self._term(word) for word in (words[0], words[2]))
        if not all(isinstance(value, int | float) for value in (first, second)):
            raise SelectorError("computes with what is no number")
        if words[1] == "-":
            return first - second
        if second == 0:
            raise SelectorError("divides by zero")
        return first / second

    def _term(self, text: str) -> Any:
        """Return the value of one side of a selector."""
        if _NUMBER.fullmatch(text):
            return float(text)
        if call := _FUNCTION.fullmatch(text):
            if call["name"] not in _FUNCTIONS:
                raise SelectorError(f"has no function {call['name']}: {', '.join(_FUNCTIONS)}")
            values = self._values(call["path"])
            if call["name"] != "count" and not all(isinstance(v, int | float) for v in values):
                raise SelectorError(f"{call['name']} of what isn't all numbers")
            return _FUNCTIONS[call["name"]](values)
        return _only(self._values(text))

    def _values(self, path: str) -> list[Any]:
        """Return all values that a path leads to, at least one."""
        parts = list(_PART.finditer(path))
        if not parts or "".join(part[0] for part in parts) != path or path.endswith("."):
            raise SelectorError(f"{path} is no path")
        found = _kept([self.source(parts[0]["name"])], parts[0]["filter"])
        for part in parts[1:]:
            items = [item for value in found for item in (value if _listed(value) else [value])]
            keyed = [item for item in items if isinstance(item, dict) and part["name"] in item]
            if not keyed:
                raise SelectorError(f"has no {part['name']} there")
            found = _kept([item[part["name"]] for item in keyed], part["filter"])
        return [item for value in found for item in (value if _listed(value) else [value])]


def open_publication(results: Path, study: str) -> Publication:
    """Return a publication.

    Args:
        results: Folder of all publications.
        study: Name of one.

    Raises:
        UserError: If there is none of that name.
    """
    if not (results / study / "provenance.json").is_file():
        named = sorted(path.parent.name for path in results.glob("*/provenance.json"))
        there = f"published: {', '.join(named)}" if named else "nothing is published yet"
        raise UserError(f"{results / study}: no published study; {there}")
    return Publication(results / study)


def _listed(value: Any) -> bool:
    return isinstance(value, list)


def _kept(values: list[Any], wanted: str | None) -> list[Any]:
    """Return what a filter in brackets leaves of some values, whose lists are taken apart."""
    if wanted is None:
        return values
    items = [item for value in values for item in (value if _listed(value) else [value])]
    if re.fullmatch(r"-?\d+", wanted):
        place = int(wanted)
        if not -len(items) <= place < len(items):
            raise SelectorError(f"has no [{wanted}] there")
        return [items[place]]
    pairs = [pair.split("=", 1) for pair in wanted.split(",")]
    if any(len(pair) != 2 for pair in pairs):
        raise SelectorError(f"[{wanted}] is neither a place nor key=value")
    found = [
        item
        for item in items
        if isinstance(item, dict) and all(str(item.get(key)) == value for key, value in pairs)
    ]
    if not found:
        raise SelectorError(f"has no [{wanted}] there")
    return found


def _only(values: list[Any]) -> Any:
    """Return the one value that was found."""
    if len(values) != 1:
        raise SelectorError(f"names {len(values)} values; narrow it, or use a function")
    if values[0] is None:
        raise SelectorError("is null in the results")
    return values[0]


def _parsed(text: str) -> Any:
    """Return a table's cell as a number where it is one, None where it is empty."""
    if not text:
        return None
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text
