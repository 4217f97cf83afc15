"""A comparison as text for a terminal, at most 120 columns wide, and as Markdown."""

import textwrap
from collections.abc import Iterator

from resnet_depth.commands.comparing.changes import Change
from resnet_depth.commands.comparing.compare import Comparison
from resnet_depth.evidence.wording import plural
from resnet_depth.report import results_table

WIDTH = 120
# Of more files the rest are counted.
MOST_FILES = 20
NO_CODE = "What was changed in code can't be told: this repository lacks the commit of one of them."


def as_terminal(found: Comparison) -> str:
    """Return a comparison as plain text."""
    lines = [found.title, ""]
    for letter, told in found.sides:
        lines += textwrap.wrap(told, WIDTH, initial_indent=f"{letter}  ", subsequent_indent="   ")
    for heading, body in _changes(found):
        lines += ["", heading, *(f"  {line}" for line in body)]
    for table in found.tables:
        lines += ["", results_table.as_text(table, ()).rstrip("\n")]
    for note in found.notes:
        lines += ["", *textwrap.wrap(note, WIDTH)]
    return "\n".join(lines) + "\n"


def as_markdown(found: Comparison) -> str:
    """Return a comparison as Markdown."""
    parts = [f"## {found.title}", "\n".join(f"- **{a}** is {told}" for a, told in found.sides)]
    if found.settings:
        rows = [f"| `{key}` | {_code(was)} | {_code(now)} |" for key, was, now in found.settings]
        parts.append("\n".join(["| Setting | A | B |", "| --- | --- | --- |", *rows]))
    for letter, keys in found.only:
        parts.append(f"{letter} alone has: {', '.join(f'`{key}`' for key in keys)}")
    if files := code_lines(found, "- `{}` +{} −{}"):
        parts.append("\n".join(["Code that differs:", "", *files]))
    if found.machine:
        parts.append("\n".join(["Machines differ:", "", *(f"- {line}" for line in found.machine)]))
    for table in found.tables:
        lines = results_table.as_markdown(results_table.as_text(table, ()))
        notes = [note.replace("*", r"\*") for note in table.notes]
        parts += [f"### {table.title}", lines, f"{table.subtitle}.", *notes]
    return "\n\n".join([*parts, *found.notes]) + "\n"


def code_lines(found: Comparison, form: str) -> list[str]:
    """Return a line for each file of code that differs, or for why that isn't known.

    `form` has places for the path and for the numbers of lines that were added and removed.
    """
    if found.code is None:
        return [NO_CODE]
    more = len(found.code) - MOST_FILES
    lines = [form.format(*file) for file in found.code[:MOST_FILES]]
    return [*lines, f"and {plural(more, 'more file')}"] if more > 0 else lines


def _changes(found: Comparison) -> Iterator[tuple[str, list[str]]]:
    """Yield headings of what was changed, with their lines; settings come first."""
    settings = [line for change in found.settings for line in _setting(change)]
    for letter, keys in found.only:
        settings += textwrap.wrap(f"{letter} alone has: {', '.join(keys)}", WIDTH - 2)
    yield "Settings that differ (A → B)", settings or ["none"]
    files = [file.path for file in (found.code or [])[:MOST_FILES]]
    form = f"{{:<{max(map(len, files), default=0)}}}  +{{}} −{{}}"
    yield "Code that differs, of what these results depend on", code_lines(found, form) or ["none"]
    if found.machine:
        yield "Machine", found.machine


def _setting(change: Change) -> list[str]:
    """Return a setting's change in a line, or in several where it is long."""
    line = f"{change.key}  {change.was} → {change.now}"
    if len(line) <= WIDTH - 2:
        return [line]
    sides = (f"A: {change.was}", f"B: {change.now}")
    broken = [line for side in sides for line in textwrap.wrap(side, WIDTH - 6)]
    return [change.key, *(f"  {line}" for line in broken)]


def _code(value: str) -> str:
    return "`" + value.replace("|", r"\|") + "`"
