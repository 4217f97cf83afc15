"""The report of a dataset: one HTML page that needs nothing else, and the table as plain text."""

import base64
import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from resnet_depth.base.files import write_text
from resnet_depth.evidence.costs import costs_of, write_costs
from resnet_depth.evidence.evidence import Evidence
from resnet_depth.evidence.wording import decimal, listed, network_title, percent, plural
from resnet_depth.findings.answer import answer
from resnet_depth.findings.find import find, write_findings
from resnet_depth.report.figures.draw import draw_figures, write_figures
from resnet_depth.report.figures.drawing import COLOURS
from resnet_depth.report.inline_svg import inline_svg
from resnet_depth.report.literature import reports_on
from resnet_depth.report.provenance import further_settings, machine_and_code, stems
from resnet_depth.report.rerunning import citation, commands, comparison
from resnet_depth.report.results_table import as_text, measured_on, results_table
from resnet_depth.report.settings import ReportSettings
from resnet_depth.training.settings import TrainSettings

QUESTION = "What does depth buy a residual network, and what does it cost?"

# A network's name, or a number with its unit.
_WHOLE = re.compile(r"ResNet-\d+|[±+−]?\d[\d.,]* (?:ms|s|min|h|k|M|G|points|images/s)\b")


@dataclass(frozen=True)
class Destinations:
    """What the report of a dataset consists of: four files and the folder of its figures."""

    costs: Path
    findings: Path
    figures: Path
    page: Path
    results_table: Path


def write_report(
    evidence: Evidence, recipe: TrainSettings, settings: ReportSettings, out: Destinations
) -> None:
    """Write costs, findings, figures, page and plain table of a dataset.

    All of the page's text is escaped; only the figures' SVG and the script are taken as they are.
    """
    costs = costs_of(evidence)
    findings = find(evidence, costs, settings.claims)
    table, measured = results_table(evidence, costs), measured_on(costs)
    plates = draw_figures(evidence, costs)
    vectors = write_figures(out.figures, plates, settings.png_dpi)
    write_costs(out.costs, costs, evidence)
    write_findings(out.findings, findings, evidence)
    write_text(out.results_table, as_text(table, measured))
    folder = Path(__file__).parent
    environment = Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"decimal": decimal, "listed": listed, "network": network_title}
    environment.filters |= {"percent": percent, "plural": plural, "unbroken": unbroken}
    # It begins on a line of its own.
    script = f"\n{(folder / 'page.js').read_text(encoding='utf-8')}"
    page = environment.get_template("page.html.jinja").render(
        question=QUESTION,
        # Written by us; escaped, its comparisons would be no script.
        script=Markup(script),
        script_digest=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
        evidence=evidence,
        recipe=recipe,
        training=evidence.training(evidence.depths[0]),
        answer=answer(evidence, costs, findings),
        table=table,
        measured=measured,
        colours=COLOURS,
        findings=findings,
        reports=reports_on(evidence.card),
        plates=plates,
        vectors=vectors,
        inline_svg=inline_svg,
        stems=stems(evidence),
        further_settings=further_settings(recipe),
        machine_and_code=machine_and_code(evidence),
        citation=citation(evidence, QUESTION),
        commands=commands(evidence),
        comparison=comparison(evidence),
    )
    write_text(out.page, page)


def unbroken(text: str) -> Markup:
    """Return text, escaped, whose networks' names and numbers with units keep to one line."""
    return Markup(_WHOLE.sub(r'<span class="whole">\g<0></span>', str(escape(text))))
