"""Numbers in prose that say where they are from, checked against what was published.

Right after a number, and its unit if it has one, stands a comment that readers don't see: study,
selector (see `published_values`) and format, such as

    ResNet-18 reached 73.7%<!-- cifar10_jpeg summary.resnet18_accuracy percent -->

The number must be the published one, rounded to the decimals that are written. Formats, with the
units that may follow (or none, as in «68.2 to 71.0%»):

- `percent` of a fraction: `%`; `points`, of a difference of fractions: `points`;
- `ms`, `seconds`, `minutes`, `hours`, of seconds: `ms`, `s`, `min`, `h` or the word;
- `millions`: `M` or `million`; `times`: `×` or `times`; `number`: no unit;
- `p`, a p value: below 0.001 it is written `< 0.001`;
- `text`: the very words, such as a verdict; `date`: the day of a moment; `commit`: 12 digits of it.

Every other number is a mistake, but those in names and notation (`_NAMES`), in code, addresses and
comments, in what `results_block` writes, and in passages quoted from others, which say so:
`<!-- quoted from: https://… -->` … `<!-- end of quotation -->`.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from resnet_depth.commands.publishing.study import Publication, SelectorError
from resnet_depth.evidence.wording import MINUS

LEAST_P = 0.001
# Characters before a comment among which its number stands.
WINDOW = 60

# A block that `results_block` writes: its kind, the studies it is of, and what is between.
BLOCK_BEGIN = re.compile(
    r"<!-- (?P<kind>results|table|comparison) of: (?P<studies>\S+(?:, \S+)*) -->\n"
)
BLOCK = re.compile(rf"{BLOCK_BEGIN.pattern}(?P<body>.*?)<!-- end of results -->", re.DOTALL)

_COMMENT = re.compile(r"(?<=\S)<!--\s*(?P<body>.*?)\s*-->", re.DOTALL)
_QUOTED = re.compile(
    r"(?P<number>(?:<\s?)?[+−-]?\d(?:[\d,]*\d)?(?:\.\d+)?(?:e[-−+]?\d+)?)"
    r"(?P<unit>\s?[^\W\d_]+|\s?[%×])?[*_`]*\Z"
)
_ANY_NUMBER = re.compile(r"(?<![A-Za-z_\d.])\d(?:[\d.,]*\d)?")
# Passages in which nothing is checked here.
_PASSAGES = (
    re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE),
    re.compile(r"<!-- quoted from: \S.*?-->.*?<!-- end of quotation -->", re.DOTALL),
    BLOCK,
)
_NOT_PROSE = (
    re.compile(r"<!--.*?-->", re.DOTALL),
    re.compile(r"`[^`]+`"),
    re.compile(r"\]\([^)\s]*\)"),
    re.compile(r"<[a-zA-Z/][^>]*>"),
    re.compile(r"https?://\S+"),
)
_DEPTHS = r"(?:18|34|50|101|152)\b"
_MORE = r"(?:(?:, | and | to | or |–)\d(?![\d.,]*\d|\s?%))*"
_NAMES = (
    re.compile(rf"ResNet-{_DEPTHS}(?:(?:, | and | or | to |/|–|→){_DEPTHS})*"),
    re.compile(r"CIFAR-100?\b"),
    re.compile(r"\d+×\d+(?:×\d+)*"),
    re.compile(r"\b95\s?% (?:t )?(?:confidence|intervals?)"),
    re.compile(r"\b\d{4}-\d{2}-\d{2}\b"),
    re.compile(r"\((?:19|20)\d\d\)"),
    re.compile(rf"\b(?:[Cc]laim|[Ss]tage|[Ss]eed|[Ee]poch|[Ll]ayer)s? \d+\b{_MORE}"),
    re.compile(r"^\s*\d+\. ", re.MULTILINE),
)


@dataclass(frozen=True)
class Format:
    """How a value is written: multiplied by `factor`, with one of the units or none."""

    factor: float
    units: tuple[str, ...]


FORMATS = {
    "percent": Format(100, ("%", "percent")),
    "points": Format(100, ("points", "point")),
    "ms": Format(1000, ("ms", "milliseconds")),
    "seconds": Format(1, ("s", "seconds")),
    "minutes": Format(1 / 60, ("min", "minutes")),
    "hours": Format(1 / 3600, ("h", "hours")),
    "millions": Format(1e-6, ("M", "million")),
    "times": Format(1, ("×", "times")),
    "number": Format(1, ()),
    "p": Format(1, ()),
}
TEXTS: dict[str, Callable[[str], str]] = {
    "text": lambda words: words,
    "date": lambda moment: moment[:10],
    "commit": lambda digits: digits[:12],
}


@dataclass(frozen=True)
class Checked:
    """A document's text with every number as the results have it, and a line for each mistake."""

    text: str
    mistakes: tuple[str, ...]


def check_quotations(name: str, text: str, publication: Callable[[str], Publication]) -> Checked:
    """Compare a document's numbers with what was published.

    Args:
        name: The document's, for the lines.
        text: Its Markdown.
        publication: Returns a published study by its name.

    Returns:
        The text with numbers that differ replaced, rounded as they were; and a line for each of
        these, for each selector that names nothing, and for each number without a source.
    """
    mistakes: list[tuple[int, str]] = []
    fixed, copied = "", 0
    unsourced = prose = _masked(text, _PASSAGES)
    for comment in _COMMENT.finditer(prose):
        body = " ".join(comment["body"].split())
        try:
            start, end, expected = _expected(prose, comment.start(), body, publication)
        except SelectorError as error:
            mistakes.append((comment.start(), f"<!-- {body} --> {error}"))
            # That number is told of already.
            number = _QUOTED.search(prose, max(0, comment.start() - WINDOW), comment.start())
            start = number.start() if number else comment.start()
        else:
            if prose[start:end] != expected:
                said = f"{prose[start:end]} stands for {body}; the results say {expected}"
                mistakes.append((start, said))
                fixed, copied = fixed + text[copied:start] + expected, end
        stretch = slice(start, comment.start())
        unsourced = unsourced[:start] + " " * len(prose[stretch]) + unsourced[comment.start() :]
    for number in _ANY_NUMBER.finditer(_masked(unsourced, (*_NOT_PROSE, *_NAMES))):
        said = f"{number[0]} has no source: <!-- study selector format --> (docs/publishing.md)"
        mistakes.append((number.start(), said))
    lines = [f"{name}:{text.count(chr(10), 0, at) + 1}: {said}" for at, said in sorted(mistakes)]
    return Checked(fixed + text[copied:], tuple(lines))


def _expected(
    prose: str, at: int, body: str, publication: Callable[[str], Publication]
) -> tuple[int, int, str]:
    """Return from where to where a comment's number stands before `at`, and how it should read."""
    study, *selector, kind = body.split() if body.count(" ") > 1 else ("", "", "")
    if kind not in (*FORMATS, *TEXTS):
        formats = ", ".join([*FORMATS, *TEXTS])
        raise SelectorError(f"isn't study, selector and one of the formats {formats}")
    value = publication(study).value(" ".join(selector))
    if kind in TEXTS:
        words, stripped = TEXTS[kind](str(value)), prose[:at].rstrip("*_`")
        # Where other words stand, what to replace can't be known: the last one is taken.
        last = re.split(r"[\s*_`|(]", stripped)[-1]
        length = len(words) if stripped.endswith(words) else len(last)
        return len(stripped) - length, len(stripped), words
    found = _QUOTED.search(prose, max(0, at - WINDOW), at)
    if found is None or (found["unit"] or "").strip() not in ("", *FORMATS[kind].units):
        units = " or ".join(FORMATS[kind].units) or "no unit"
        raise SelectorError(f"must stand right after a number with {units}")
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise SelectorError(f"is {value!r} in the results: no number")
    return *found.span("number"), _written(value, kind, found["number"])


def _written(value: float, kind: str, as_now: str) -> str:
    """Return a value in a format, with the decimals and the separators that `as_now` has."""
    if kind == "p" and value < LEAST_P:
        return f"< {LEAST_P}"
    number = as_now.removeprefix("<").strip()
    if "e" in number and float(number.replace(MINUS, "-")) == value:
        return as_now
    scaled = FORMATS[kind].factor * value
    places = len(number.partition(".")[2]) if "e" not in number else 0
    commas = "," if "," in number or abs(scaled) >= 1000 else ""
    text = f"{scaled:{commas}.{places}f}"
    if float(text.replace(",", "")) == 0:
        return text.lstrip("-")
    # Who writes a sign means it to be seen.
    if number[0] in ("+", "-", MINUS) and not text.startswith("-"):
        text = f"+{text}"
    return text if number.startswith("-") else text.replace("-", MINUS)


def _masked(text: str, patterns: tuple[re.Pattern[str], ...]) -> str:
    """Return a text with all that the patterns match blanked, its line ends kept."""
    for pattern in patterns:
        text = pattern.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), text)
    return text
