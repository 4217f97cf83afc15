"""SVG files made fit to stand together inside one HTML page, and to follow its dark mode."""

import html
import re

from markupsafe import Markup

from resnet_depth.report.figures.drawing import COLOURS, GRID, INK, MUTED, RULE

# What the dark page has in place of a figure's colours: its own, see page.css, and one per depth.
DARK = {
    "#ffffff": "var(--card)",
    INK: "var(--ink)",
    MUTED: "var(--muted)",
    RULE: "var(--rule)",
    GRID: "#2c323c",
    COLOURS[18]: "#56b4e9",
    COLOURS[34]: "#f0894a",
    COLOURS[50]: "#3fc79a",
    COLOURS[101]: "#d98cc0",
    COLOURS[152]: "#c3c8d0",
}
_COLOUR = re.compile("|".join(DARK))
_ID = re.compile(r'\bid="([^"]+)"')
_STYLE = re.compile(r'\bstyle="[^"]*"')
_REFERENCE = re.compile(r'(?:xlink:)?(href="|url\()#([^")]+)(?=[")])')


def themed(colour: str) -> str:
    """Return a colour as the page's style sheet may replace it, such as `var(--1f2430, #1f2430)`.

    Light pages and print set no such variable and keep it.
    """
    return f"var(--{colour[1:]}, {colour})" if colour in DARK else colour


def inline_svg(svg: str, name: str, alt: str) -> Markup:
    """Return the text of an SVG file of matplotlib's as one `svg` element for use inside a page.

    Without the XML head and the fixed size (the style sheet decides), with ids that carry the
    figure's name, since a page's ids must differ, with colours that follow the page's, and with its
    text alternative. It is taken as it is: drawn by this program, with the texts in it escaped by
    matplotlib.

    Raises:
        ValueError: If there is no `svg` element with a view box in it.
    """
    start = svg.find("<svg")
    if start < 0 or "viewBox" not in svg:
        raise ValueError(f"{name}: no SVG with a view box")
    body = re.sub(r"<metadata>.*?</metadata>", "", svg[start:].strip(), flags=re.DOTALL)
    identifiers = set(_ID.findall(body))

    def own(match: re.Match[str]) -> str:
        known = match[2] in identifiers
        return f"{match[1]}#{name}-{match[2]}" if known else match[0]

    body = _STYLE.sub(lambda style: _COLOUR.sub(lambda found: themed(found[0]), style[0]), body)
    body = _ID.sub(rf'id="{name}-\1"', _REFERENCE.sub(own, body))
    opening, rest = body.split(">", 1)
    opening = re.sub(r'\s(width|height|version|xmlns(:\w+)?)="[^"]*"', "", opening)
    return Markup(f'{opening} role="img" aria-label="{html.escape(alt)}">{rest}')
