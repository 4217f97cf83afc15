"""DVC stage `report`: add the costs, draw the figures and write the page."""

from pathlib import Path
from typing import Annotated

from resnet_depth.cli import ParamsFile, option, run
from resnet_depth.evidence import Sources, read_evidence
from resnet_depth.report import Destinations, write_report
from resnet_depth.settings.reader import load_section
from resnet_depth.settings.report import ReportSettings
from resnet_depth.settings.study import StudySettings
from resnet_depth.settings.summarize import SummarizeSettings
from resnet_depth.settings.train import TrainSettings


def main(
    params: ParamsFile,
    card: Annotated[Path, option("--card", "Card of the prepared dataset, dataset.json.")],
    tables: Annotated[Path, option("--tables", "Folder of the tables that summarize wrote.")],
    models: Annotated[Path, option("--models", "Folder of all trained networks.")],
    durations: Annotated[Path, option("--durations", "Folder of all trainings' durations.")],
    latency: Annotated[Path, option("--latency", "Folder of all depths' inference times.")],
    costs: Annotated[Path, option("--costs", "File to write the costs to.")],
    findings: Annotated[Path, option("--findings", "File to write the findings to.")],
    figures: Annotated[Path, option("--figures", "Folder to write the figures to.")],
    page: Annotated[Path, option("--page", "File to write the page to.")],
    results_table: Annotated[Path, option("--results-table", "File for the plain-text table.")],
) -> None:
    """Write costs, findings, figures, the HTML page and the plain table of a dataset."""
    study = load_section(params, "study", StudySettings)
    confidence = load_section(params, "summarize", SummarizeSettings).confidence
    recipe = load_section(params, "train", TrainSettings)
    dpi = load_section(params, "report", ReportSettings).png_dpi
    sources = Sources(card, tables, models, durations, latency)
    evidence = read_evidence(sources, study.depths, study.seeds, confidence)
    write_report(evidence, recipe, Destinations(costs, findings, figures, page, results_table), dpi)


if __name__ == "__main__":
    run(main)
