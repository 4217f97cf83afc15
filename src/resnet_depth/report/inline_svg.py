"""SVG files made fit to stand together inside one HTML page."""

import html
import re

from markupsafe import Markup

_ID = re.compile(r'\bid="([^"]+)"')
_REFERENCE = re.compile(r'(?:xlink:)?(href="|url\()#([^")]+)(?=[")])')


def inline_svg(svg: str, name: str, alt: str) -> Markup:
    """Return the text of an SVG file of matplotlib's as one `svg` element for use inside a page.

    Without the XML head and the fixed size (the style sheet decides), with ids that carry the
    figure's name, since a page's ids must differ, and with its text alternative. It is taken as it
    is: drawn by this program, with the texts in it escaped by matplotlib.

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

    body = _ID.sub(rf'id="{name}-\1"', _REFERENCE.sub(own, body))
    opening, rest = body.split(">", 1)
    opening = re.sub(r'\s(width|height|version|xmlns(:\w+)?)="[^"]*"', "", opening)
    return Markup(f'{opening} role="img" aria-label="{html.escape(alt)}">{rest}')
