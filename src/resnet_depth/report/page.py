"""The report of a dataset: one HTML page that needs nothing else, and the table as plain text."""

import base64
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup, escape

from resnet_depth.base.files import write_text
from resnet_depth.evidence.costs import Cost, costs_of, write_costs
from resnet_depth.evidence.evidence import Evidence
from resnet_depth.evidence.wording import listed, network_title, percent, plural
from resnet_depth.findings.answer import answer
from resnet_depth.findings.find import Findings, find, write_findings
from resnet_depth.report.figures.draw import draw_figures, write_figures
from resnet_depth.report.figures.drawing import COLOURS, Plate
from resnet_depth.report.inline_svg import inline_svg
from resnet_depth.report.literature import reports_on
from resnet_depth.report.provenance_table import provenance
from resnet_depth.report.rerunning import citation, commands, comparison
from resnet_depth.report.results_table import as_text, measured_on, results_table
from resnet_depth.report.settings import ReportSettings
from resnet_depth.training.settings import TrainSettings

QUESTION = "What does depth buy a residual network, and what does it cost?"
TEMPLATE, SCRIPT = "page.html.jinja", "page.js"

# A network's name, or a number with its unit.
_WHOLE = re.compile(r"ResNet-\d+|[±+−]?\d[\d.,]* (?:ms|s|min|h|k|M|G|points|images/s)\b")

# Figures up to this width, in inches, stand side by side where the page has room.
WIDE_FROM = 6.0
# An inch has 96 CSS pixels; at 72 the smallest text has 7.5.
LEAST_PIXELS_AN_INCH = 72


@dataclass(frozen=True)
class Destinations:
    """What the report of a dataset consists of: four files and the folder of its figures."""

    costs: Path
    findings: Path
    figures: Path
    page: Path
    results_table: Path


@dataclass(frozen=True)
class PageFigure:
    """A figure as the page shows it: `svg` is one element and taken as it is, the rest is text.

    Below `least_width`, in CSS pixels, its text would be too small to read: it scrolls instead.
    """

    name: str
    title: str
    caption: str
    wide: bool
    least_width: int
    svg: Markup


def write_report(
    evidence: Evidence, recipe: TrainSettings, settings: ReportSettings, out: Destinations
) -> None:
    """Write costs, findings, figures, page and plain table of a dataset.

    Args:
        evidence: What it all rests on.
        recipe: Section `train`, which the page states.
        settings: Section `report`.
        out: Where everything goes.
    """
    costs = costs_of(evidence)
    findings = find(evidence, costs, settings.claims)
    write_costs(out.costs, costs, evidence)
    write_findings(out.findings, findings, evidence)
    table = results_table(evidence, costs)
    write_text(out.results_table, as_text(table, measured_on(costs)))
    plates = draw_figures(evidence, costs)
    vectors = write_figures(out.figures, plates, settings.png_dpi)
    figures = [page_figure(plate, vectors[plate.name]) for plate in plates]
    write_text(out.page, render_page(evidence, recipe, costs, findings, figures))


def render_page(
    evidence: Evidence,
    recipe: TrainSettings,
    costs: Sequence[Cost],
    findings: Findings,
    figures: Sequence[PageFigure],
) -> str:
    """Return the page as HTML. All text is escaped; only the figures' SVG is taken as it is.

    Args:
        evidence: What it all rests on.
        recipe: Section `train`.
        costs: Of each depth, ascending.
        findings: What was found of each claim.
        figures: In the order in which they are shown.
    """
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters |= {"listed": listed, "network": network_title, "percent": percent}
    environment.filters |= {"plural": plural, "unbroken": unbroken}
    # It begins on a line of its own.
    script = f"\n{_text(SCRIPT)}"
    return environment.from_string(_text(TEMPLATE)).render(
        question=QUESTION,
        # Written by us; escaped, its comparisons would be no script.
        script=Markup(script),
        policy=policy(script),
        evidence=evidence,
        recipe=recipe,
        training=evidence.training(evidence.depths[0]),
        answer=answer(evidence, costs, findings),
        table=results_table(evidence, costs),
        measured=measured_on(costs),
        colours=[COLOURS[depth] for depth in evidence.depths],
        findings=findings,
        reports=reports_on(evidence.card),
        figures=figures,
        provenance=provenance(evidence, recipe),
        citation=citation(evidence, QUESTION),
        commands=commands(evidence),
        comparison=comparison(evidence),
    )


def _text(name: str) -> str:
    return files(__package__).joinpath(name).read_text(encoding="utf-8")


def policy(script: str) -> str:
    """Return the content security policy of a page: nothing from outside, this script alone.

    Args:
        script: The script's text, exactly as it stands in its element.
    """
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return (
        "default-src 'none'; base-uri 'none'; form-action 'none'; img-src data:; "
        f"style-src 'unsafe-inline'; script-src 'sha256-{digest}'"
    )


def unbroken(text: str) -> Markup:
    """Return text, escaped, whose networks' names and numbers with units keep to one line."""
    return Markup(_WHOLE.sub(r'<span class="whole">\g<0></span>', str(escape(text))))


def page_figure(plate: Plate, svg: str) -> PageFigure:
    """Return a figure for the page.

    Args:
        plate: The figure.
        svg: Its SVG file's text.
    """
    # Drawn by this program; matplotlib escaped the texts in it.
    markup = Markup(inline_svg(svg, plate.name, plate.alt))
    inches = plate.figure.get_figwidth()
    least_width = round(LEAST_PIXELS_AN_INCH * inches)
    wide = inches > WIDE_FROM
    return PageFigure(plate.name, plate.title, plate.caption, wide, least_width, markup)
