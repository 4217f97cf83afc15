"""The report of a dataset: one HTML page that needs nothing else, and the table as plain text."""

import base64
import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from resnet_depth.base.files import write_text
from resnet_depth.evidence.costs import Cost, costs_of, write_costs
from resnet_depth.evidence.evidence import Evidence, StudyEvidence
from resnet_depth.evidence.wording import (
    decimal,
    listed,
    network_title,
    percent,
    plural,
    points,
    spread_percent,
)
from resnet_depth.findings.answer import Answer, answer
from resnet_depth.findings.claims import NOT_SHOWN
from resnet_depth.findings.find import Findings, find, write_findings
from resnet_depth.findings.pruning import PruningFinding, find_pruning
from resnet_depth.findings.pruning_sentences import pruning_sentences
from resnet_depth.findings.recipe_gains import find_recipe_gains, gain_sentences
from resnet_depth.findings.start_gains import find_start_gains, start_gain_sentences
from resnet_depth.findings.time_to_accuracy import time_sentence, times_to_reference
from resnet_depth.report.dvc_files import write_metrics, write_plots
from resnet_depth.report.figures.draw import (
    draw_comparison,
    draw_figures,
    draw_pruning,
    write_figures,
)
from resnet_depth.report.figures.drawing import COLOURS, Plate
from resnet_depth.report.forms_table import forms_table
from resnet_depth.report.inline_svg import DARK, inline_svg, themed
from resnet_depth.report.literature import reports_on
from resnet_depth.report.provenance import further_settings, machine_and_code, start_of
from resnet_depth.report.pruning_table import pruning_columns, pruning_rows, timing_note
from resnet_depth.report.rerunning import citation, commands, comparison
from resnet_depth.report.results_table import as_text, measured_on, results_table
from resnet_depth.report.settings import ReportSettings

QUESTION = "What does depth buy a residual network, and what does it cost?"

# Of template and script.
FOLDER = Path(__file__).parent

# A network's name, a number with its unit, or a p value.
_WHOLE = re.compile(
    r"ResNet-\d+|[±+−]?\d[\d.,]* (?:ms|s|min|h|k|M|G|points|images/s)\b|\bp (?:=|&lt;) [\d.]+\d"
)


@dataclass(frozen=True)
class Destinations:
    """Where the report of a dataset goes.

    `metrics` and `figures` are folders of its own; costs, findings and what `dvc plots` shows are
    added to those in `tables`.
    """

    metrics: Path
    tables: Path
    figures: Path
    page: Path
    results_table: Path


@dataclass(frozen=True)
class RecipePart:
    """What the page tells of one recipe; `prefix` tells its names from another recipe's.

    `pruned` is empty, and `pruning` None, where nothing was pruned.
    """

    prefix: str
    evidence: Evidence
    costs: list[Cost]
    findings: Findings
    answer: Answer
    plates: list[Plate]
    pruned: tuple[PruningFinding, ...]
    pruning: Plate | None


def write_report(study: StudyEvidence, settings: ReportSettings, out: Destinations) -> None:
    """Write metrics, costs, findings, figures, page and plain table of a dataset.

    All of the page's text is escaped; only the figures' SVG and the script are taken as they are.
    """
    parts = [_part(each, settings) for each in study.by_recipe.values()]
    costs = [cost for part in parts for cost in part.costs]
    gains = find_recipe_gains(study.accuracy_means, study.first.confidence)
    times, starts = times_to_reference(study), find_start_gains(study)
    table, measured = results_table(study, costs), measured_on(costs)
    compared = draw_comparison(study, starts) if len(parts) > 1 else []
    named = {plate.name: plate for plate in compared}
    named |= {f"{part.prefix}{plate.name}": plate for part in parts for plate in part.plates}
    named |= {f"{part.prefix}{part.pruning.name}": part.pruning for part in parts if part.pruning}
    vectors = write_figures(out.figures, named, settings.png_dpi)
    write_metrics(out.metrics, study, costs)
    write_plots(out.tables, study, costs)
    write_costs(out.tables / "costs.json", costs, study.first.card)
    found = {part.evidence.recipe: part.findings for part in parts}
    pruned = {part.evidence.recipe: part.pruned for part in parts}
    write_findings(out.tables / "findings.json", study, found, gains, times, starts, pruned)
    write_text(out.results_table, as_text(table, measured))
    # It begins on a line of its own.
    script = f"\n{(FOLDER / 'page.js').read_text(encoding='utf-8')}"
    page = (
        _environment()
        .get_template("page.html.jinja")
        .render(
            question=QUESTION,
            # Written by us; escaped, its comparisons would be no script.
            script=Markup(script),
            script_digest=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
            study=study,
            parts=parts,
            not_shown=NOT_SHOWN,
            gains=gains,
            starts=starts,
            times=[(one.recipe, time_sentence(one, study.first.confidence)) for one in times],
            table=table,
            measured=measured,
            forms=forms_table(study, costs),
            colours=COLOURS,
            dark_colours=DARK,
            reports=reports_on(study.first.card),
            compared=compared,
            pruning_columns=pruning_columns,
            pruning_rows=pruning_rows,
            timing_note=timing_note,
            vectors=vectors,
            inline_svg=inline_svg,
            machine_and_code=machine_and_code(study),
            citation=citation(study, QUESTION),
            commands=commands(study),
            comparison=comparison(study.first),
        )
    )
    write_text(out.page, page)


def _environment() -> Environment:
    """Return what renders the page: its template's folder and filters."""
    environment = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"decimal": decimal, "listed": listed, "network": network_title}
    environment.filters |= {"percent": percent, "plural": plural, "unbroken": unbroken}
    environment.filters |= {"start": start_of, "points": points, "themed": themed}
    environment.filters |= {"pruning_sentences": pruning_sentences}
    environment.filters |= {"sentences": gain_sentences, "further_settings": further_settings}
    environment.filters |= {"start_sentences": start_gain_sentences, "spread": spread_percent}
    return environment


def _part(evidence: Evidence, settings: ReportSettings) -> RecipePart:
    """Return what the page tells of one recipe."""
    costs = costs_of(evidence)
    findings = find(evidence, costs, settings.claims)
    pruned = find_pruning(evidence, settings.pruning_loss)
    return RecipePart(
        "" if evidence.alone else f"{evidence.recipe}-",
        evidence,
        costs,
        findings,
        answer(evidence, costs, findings),
        draw_figures(evidence, costs),
        pruned,
        draw_pruning(evidence, pruned) if pruned else None,
    )


def unbroken(text: str) -> Markup:
    """Return text, escaped, whose networks' names and numbers with units keep to one line."""
    return Markup(_WHOLE.sub(r'<span class="whole">\g<0></span>', str(escape(text))))
