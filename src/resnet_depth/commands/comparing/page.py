"""A comparison as one HTML page that needs nothing else, in the style of the report."""

import base64
import hashlib
import re
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from resnet_depth.base.files import write_text
from resnet_depth.commands.comparing.compare import Comparison
from resnet_depth.commands.comparing.text import NO_CODE
from resnet_depth.report import page as report
from resnet_depth.report.inline_svg import inline_svg

FOLDER = Path(__file__).parent


def write_page(path: Path, found: Comparison) -> None:
    """Write the page; all of its text is escaped, but for the figures' SVG and the script."""
    script = f"\n{(report.FOLDER / 'page.js').read_text(encoding='utf-8')}"
    environment = Environment(
        # The style sheet is the report's.
        loader=FileSystemLoader([FOLDER, report.FOLDER]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"unbroken": report.unbroken, "breakable": _breakable}
    text = environment.get_template("comparison.html.jinja").render(
        found=found,
        figures=[(name, _title(name), _sides(found, name)) for name in found.figures],
        no_code=NO_CODE,
        script=Markup(script),
        script_digest=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
    )
    write_text(path, text)


def _breakable(key: str) -> Markup:
    """Return a key or path, escaped, that may go on in a new line after a point, slash or line."""
    return Markup(re.sub(r"([./_])", r"\1<wbr>", str(escape(key))))


def _title(name: str) -> str:
    """Return a figure's name as a heading, such as `Learning curves`."""
    words = name.replace("-", ", ").replace("_", " ").replace("resnet", "ResNet-")
    return words[0].upper() + words[1:]


def _sides(found: Comparison, name: str) -> list[tuple[str, str, Markup]]:
    """Return a figure's letter, the study's name and the SVG, of each side."""
    return [
        (
            letter,
            side.name,
            inline_svg(
                (side.study.folder / "figures" / f"{name}.svg").read_text(encoding="utf-8"),
                f"{letter.lower()}-{name}",
                f"{_title(name)}, {letter}: {side.name}",
            ),
        )
        for letter, side in zip("AB", (found.first, found.second), strict=True)
    ]
