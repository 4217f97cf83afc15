"""Templates of documents: Jinja, with published studies and ways to write numbers.

Beside Jinja's own, a template has

- `study(name)`, a published `Study`; of several `compare`, see `studies`; `pooled`,
  `pooled_depths`, `pooled_gains` and `pooled_rows`, see `pooling`; the SVG of
  `accuracy_by_recipe`, see `figures`; `estimate(values, confidence)`, the mean with its interval;
- filters that write a number or several, with a unit behind the last: `percent`, `minutes`, `ms`,
  `millions`, each with the decimals and the last «and» as arguments; those of `evidence.wording`
  under their own names; `scientific`, such as 1e-3; `p_value`;
- `quoted(source)`, a filter for words that another source says: their numbers aren't ours.

A name that isn't there is a mistake, never an empty text. Lines may end anywhere in a template of
Markdown: paragraphs are filled at last.
"""

import re
import textwrap
import traceback
from collections.abc import Callable, Iterable
from functools import cache, partial
from pathlib import Path
from typing import Any

from jinja2 import (
    Environment,
    FileSystemLoader,
    StrictUndefined,
    TemplateError,
    TemplateSyntaxError,
)

from resnet_depth.base.errors import UserError
from resnet_depth.commands.publishing.figures import accuracy_by_recipe
from resnet_depth.commands.publishing.pooling import (
    pooled,
    pooled_depths,
    pooled_gains,
    pooled_rows,
)
from resnet_depth.commands.publishing.studies import compare
from resnet_depth.commands.publishing.study import open_study
from resnet_depth.evidence import wording
from resnet_depth.evidence.statistics import estimate_mean

WIDTH = 100
# Stands for a space at which no line ends: in code, and before what would begin a list.
GLUE = "\0"
_CODE_BLOCK = re.compile(r"^(```.*?^```)$", re.DOTALL | re.MULTILINE)
_UNBROKEN = re.compile(r"`[^`]+`| (?:[-+*>#]+|\d+[.)])(?= )")
_ITEM = re.compile(r"^(?= *(?:- |\d+\. ))", re.MULTILINE)
_NO_PARAGRAPH = ("|", "#", "<!--", "![")


def environment(templates: Path, results: Path) -> Environment:
    """Return what renders the templates of a folder, given the folder of all published studies."""
    made = Environment(
        loader=FileSystemLoader(templates),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.globals |= {
        "study": cache(partial(open_study, results)),
        "compare": compare,
        "pooled": pooled,
        "pooled_depths": pooled_depths,
        "pooled_gains": pooled_gains,
        "pooled_rows": pooled_rows,
        "accuracy_by_recipe": accuracy_by_recipe,
        "estimate": estimate_mean,
    }
    made.filters |= FILTERS
    return made


def render(made: Environment, template: str, **names: Any) -> str:
    """Return what the template of a name renders to; `names` are more that it can refer to.

    Raises:
        UserError: If it asks for what isn't there: its file and line, and what is wrong.
    """
    try:
        text = made.get_template(template).render(names)
        return _filled(text) if template.endswith(".md.jinja") else text
    except TemplateSyntaxError as error:
        raise UserError(f"{error.filename or template}:{error.lineno}: {error.message}") from None
    # Whatever a template's expression raises is its writer's mistake.
    except Exception as error:
        kind = "" if isinstance(error, TemplateError | UserError) else f"{type(error).__name__}: "
        frames = traceback.extract_tb(error.__traceback__)
        places = [f"{each.filename}:{each.lineno}" for each in frames if ".jinja" in each.filename]
        # The innermost line of a template that the error passed.
        said = " ".join(str(error).split())
        raise UserError(f"{[template, *places][-1]}: {kind}{said}") from None


def _filled(text: str) -> str:
    """Return Markdown with its paragraphs and items of lists in lines as long as `WIDTH` allows."""
    pieces = _CODE_BLOCK.split(text)
    for k in range(0, len(pieces), 2):
        paragraphs = re.split(r"\n{2,}", pieces[k])
        pieces[k] = "\n\n".join(
            "\n".join(_lines(item) for item in _ITEM.split(each) if item) for each in paragraphs
        )
    return "".join(pieces).strip("\n") + "\n"


def _lines(paragraph: str) -> str:
    """Return a paragraph, or an item of a list, in lines."""
    if paragraph.startswith(_NO_PARAGRAPH):
        return paragraph
    start = len(paragraph) - len(re.sub(r"^ *(?:- |\d+\. )?", "", paragraph))
    words = _UNBROKEN.sub(lambda found: found[0].replace(" ", GLUE), " ".join(paragraph.split()))
    lines = textwrap.wrap(
        words,
        WIDTH,
        initial_indent=" " * (len(paragraph) - len(paragraph.lstrip(" "))),
        subsequent_indent=" " * start,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return "\n".join(lines).replace(GLUE, " ")


def _quantity(factor: float, unit: str) -> Callable[..., str]:
    """Return a filter that writes numbers times `factor`, with a unit behind the last."""

    def written(values: float | Iterable[float], places: int = 1, last: str = "and") -> str:
        several = values if isinstance(values, Iterable) else [values]
        *most, end = [wording.decimal(factor * value, places) for value in several]
        return f"{', '.join(most)}{f' {last} ' if most else ''}{end}{unit}"

    return written


def _scientific(value: float) -> str:
    """Return a number by its power of ten, such as `1e-3`."""
    digits, power = f"{value:e}".split("e")
    return f"{float(digits):g}e{int(power)}"


def _quoted(words: str, source: str) -> str:
    """Return words as they are; `source` is for who reads the template."""
    if not source.strip():
        raise ValueError("a quotation needs a source")
    return words


FILTERS: dict[str, Callable[..., Any]] = {
    "percent": _quantity(100, "%"),
    "minutes": _quantity(1 / 60, " minutes"),
    "ms": _quantity(1000, " ms"),
    "millions": _quantity(1e-6, " million"),
    "points": wording.points,
    "spread_percent": wording.spread_percent,
    "decimal": wording.decimal,
    "significant": wording.significant,
    "count": wording.count,
    "duration_unit": wording.duration_unit,
    "interval_name": wording.interval_name,
    "listed": wording.listed,
    "network_title": wording.network_title,
    "scientific": _scientific,
    "p_value": lambda value: wording.p_value_text(value).removeprefix("= "),
    "quoted": _quoted,
}
