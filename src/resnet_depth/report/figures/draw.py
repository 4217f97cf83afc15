"""All figures of a dataset's report, in their order, as SVG and PNG files."""

import io
from collections.abc import Mapping, Sequence
from pathlib import Path

from matplotlib import rc_context
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine

from resnet_depth.base.files import replacing_file, replacing_folder, write_text
from resnet_depth.evidence.costs import Cost
from resnet_depth.evidence.evidence import Evidence, StudyEvidence
from resnet_depth.findings.pruning import PruningFinding
from resnet_depth.findings.start_gains import StartGain
from resnet_depth.report.figures.accuracy import (
    accuracy_by_depth,
    confusion_matrix,
    learning_curves,
)
from resnet_depth.report.figures.calibration import reliability
from resnet_depth.report.figures.classes import class_accuracies
from resnet_depth.report.figures.drawing import STYLE, Plate
from resnet_depth.report.figures.examples import hardest, of_deepest
from resnet_depth.report.figures.inference import inference
from resnet_depth.report.figures.pareto import pareto
from resnet_depth.report.figures.pruning import pruning
from resnet_depth.report.figures.recipes import accuracy_by_recipe, accuracy_over_time, of_means
from resnet_depth.report.figures.sizes import sizes
from resnet_depth.report.figures.starts import accuracy_by_start
from resnet_depth.report.figures.training_time import training_time


def draw_figures(evidence: Evidence, costs: Sequence[Cost]) -> list[Plate]:
    """Return all figures, in the order in which the report shows them."""
    with rc_context(STYLE):
        return [
            accuracy_by_depth(evidence),
            training_time(evidence, costs),
            pareto(evidence, costs),
            inference(evidence, costs),
            sizes(evidence, costs),
            learning_curves(evidence),
            class_accuracies(evidence),
            reliability(evidence),
            *(confusion_matrix(evidence, depth) for depth in evidence.depths),
            hardest(evidence),
            of_deepest(evidence),
        ]


def draw_comparison(study: StudyEvidence, starts: Sequence[StartGain]) -> list[Plate]:
    """Return the figures that show a study's recipes beside each other.

    `starts` are what weights buy those that start from some.
    """
    with rc_context(STYLE):
        found = {recipe: own.estimates for recipe, own in study.by_recipe.items()}
        by_recipe = accuracy_by_recipe(found, of_means(study.first))
        plates = [by_recipe, accuracy_over_time(study)]
        return [*plates, accuracy_by_start(study, starts)] if starts else plates


def draw_pruning(evidence: Evidence, found: Sequence[PruningFinding]) -> Plate:
    """Return the figure of what was pruned, at one depth or more."""
    with rc_context(STYLE):
        return pruning(evidence, found)


def write_figures(folder: Path, plates: Mapping[str, Plate], dpi: int) -> dict[str, str]:
    """Write each figure, by its name, as SVG and PNG into a folder, which then holds nothing else.

    Returns:
        The SVG text of each figure by its name.
    """
    with rc_context(STYLE), replacing_folder(folder) as temporary:
        return {name: save(plate.figure, temporary / name, dpi) for name, plate in plates.items()}


def save(figure: Figure, path: Path, dpi: int) -> str:
    """Write a figure as SVG and PNG; equal figures give equal bytes.

    Args:
        figure: What to write, with or without a layout engine.
        path: The files' without their ending.
        dpi: Dots per inch of the PNG file.

    Returns:
        The SVG file's text.
    """
    svg = as_svg(figure)
    write_text(path.with_suffix(".svg"), svg)
    with replacing_file(path.with_suffix(".png")) as temporary:
        figure.savefig(temporary, format="png", dpi=dpi, metadata={"Software": None})
    return svg


def as_svg(figure: Figure) -> str:
    """Return a figure as SVG, its text as text.

    The layout's solver adds its terms in the order of their addresses in memory, so that the last
    digits of a place differ between two drawings of the same. So the axes go to rounded places.
    """
    if isinstance(engine := figure.get_layout_engine(), ConstrainedLayoutEngine):
        engine.execute(figure)
        # With an engine, even one that does nothing, a figure is drawn twice whenever it is saved.
        figure.set_layout_engine(None)
        for axes in figure.axes:
            x, y, width, height = (round(k, 6) for k in axes.get_position(original=True).bounds)
            axes.set_position((x, y, width, height), which="original")
    buffer = io.StringIO()
    figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    # Verdana, of equal widths, stands in where the reader has no DejaVu.
    return buffer.getvalue().replace("'DejaVu Sans'", "'DejaVu Sans', Verdana, sans-serif")
