"""All figures of a dataset's report, in their order, as SVG and PNG files."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from matplotlib import rc_context

from resnet_depth.base.files import replacing_folder
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
from resnet_depth.report.figures.drawing import STYLE, Plate, save
from resnet_depth.report.figures.examples import hardest, of_deepest
from resnet_depth.report.figures.inference import inference
from resnet_depth.report.figures.pareto import pareto
from resnet_depth.report.figures.pruning import pruning
from resnet_depth.report.figures.recipes import accuracy_by_recipe, accuracy_over_time
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
        plates = [accuracy_by_recipe(study), accuracy_over_time(study)]
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
