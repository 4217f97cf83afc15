"""From the text of a settings file to plain values, or to what is wrong in which line of it.

Parsed with ruamel.yaml as YAML 1.2, as DVC does, so that both see the same values (`1e-3` is a
number here; in YAML 1.1 it is a string).
"""

import warnings
from itertools import chain
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.composer import Composer, ComposerError
from ruamel.yaml.constructor import SafeConstructor
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.nodes import MappingNode, ScalarNode
from ruamel.yaml.reader import ReaderError

from resnet_depth.base.messages import quoted, told

LONGEST_TEXT = 1_000_000
DEEPEST = 32
# Values and their characters, counted as often as aliases repeat them: without a bound, a few lines
# stand for more than any memory holds.
LARGEST_CONTENT = 4_000_000

# What the parser raises of a text; all but the first, where it trusts a value's looks.
_UNREADABLE = (MarkedYAMLError, ValueError, LookupError, TypeError, ArithmeticError, AttributeError)


class ParseError(Exception):
    """What is wrong with a text, in one line; in which line of it, if known, and at which key."""

    def __init__(self, problem: str, line: int | None = None, key: str = "") -> None:
        """Say all that is known; lines count from 1."""
        place = f"line {line}{f' ({key})' if key else ''} is " if line else ""
        super().__init__(f"{place}no valid YAML: {problem}")


def parse(text: str) -> Any:
    """Return what a YAML text says.

    Raises:
        ParseError: If it is no YAML, or none that settings can be: longer than `LONGEST_TEXT`
            characters, deeper than `DEEPEST` levels, with an alias of what that stands in, or
            with aliases that repeat too much.
    """
    if len(text) > LONGEST_TEXT:
        raise ParseError(f"it has more than {LONGEST_TEXT:,} characters")
    yaml = YAML(typ="safe", pure=True)
    yaml.Composer, yaml.Constructor = _Composer, _Constructor
    # An anchor that is used again is YAML, and needs no remark.
    with warnings.catch_warnings(action="ignore"):
        try:
            return yaml.load(text)
        except ReaderError as error:
            problem = f"the character {chr(error.character)!a} isn't allowed"
            raise ParseError(problem, text.count("\n", 0, error.position) + 1) from None
        except _UNREADABLE as error:
            raise _located(error) from None


def _located(error: Exception, line: int | None = None, key: str = "") -> ParseError:
    """Return an error of the parser with its place; it may know a better line itself."""
    if not isinstance(error, MarkedYAMLError):
        return ParseError(told(str(error)), line, key)
    mark = error.problem_mark or error.context_mark
    words = ", ".join(str(part) for part in (error.context, error.problem) if part)
    return ParseError(told(words), mark.line + 1 if mark else line, key)


class _Composer(Composer):
    """Makes the tree of a text's nodes, of bounded size, and remembers the key of each."""

    def __init__(self, loader: Any = None) -> None:
        super().__init__(loader)
        self.keys: dict[Any, str] = {}
        self._path: list[str] = []
        self._sizes: dict[Any, int] = {}

    def compose_node(self, parent: Any, index: Any) -> Any:
        """Return the next node; `index` is the number or the node that it is found by, if any."""
        self._path.append(_name(index))
        key = told(".".join(filter(None, self._path)))
        try:
            if len(self._path) > DEEPEST:
                mark = self.parser.peek_event().start_mark
                raise ComposerError(None, None, f"it is nested deeper than {DEEPEST} levels", mark)
            node = super().compose_node(parent, index)
            self._count(node)
        except _UNREADABLE as error:
            raise _located(error, self.parser.scanner.reader.line + 1, key) from None
        self.keys[node] = key
        self._path.pop()
        return node

    def _count(self, node: Any) -> None:
        """Refuse a node that stands for too much."""
        if node in self._sizes:
            return
        if node.end_mark is None:
            raise ComposerError(None, None, "an alias of what it stands in", node.start_mark)
        if isinstance(node, ScalarNode):
            size = len(node.value)
        else:
            inner = chain(*node.value) if isinstance(node, MappingNode) else node.value
            size = sum(self._sizes[one] for one in inner)
        self._sizes[node] = 1 + size
        if size > LARGEST_CONTENT:
            raise ComposerError(None, None, "its aliases repeat too much", node.start_mark)


def _name(index: Any) -> str:
    """Return a key's part that comes from one node or number; nothing for a key itself."""
    if isinstance(index, ScalarNode):
        return str(index.value)
    return "" if index is None else str(index) if isinstance(index, int) else "?"


class _Constructor(SafeConstructor):
    """Makes values of nodes, and tells of which it can't."""

    def construct_object(self, node: Any, deep: bool = False) -> Any:  # noqa: ARG002
        """Return a node's value, made at once, so that an error is of this node."""
        try:
            return super().construct_object(node, deep=True)
        except MarkedYAMLError as error:
            raise _located(error, node.start_mark.line + 1, self.composer.keys[node]) from None
        except _UNREADABLE:
            problem = f"{quoted(node.value)} is no {node.tag.rpartition(':')[2]}"
            line = node.start_mark.line + 1
            raise ParseError(told(problem), line, self.composer.keys[node]) from None
