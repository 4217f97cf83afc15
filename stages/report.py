"""DVC stage `report`: add the costs, draw the figures and write the page."""

from pathlib import Path
from typing import Annotated

from resnet_depth.base import cli
from resnet_depth.base.sections import load_section
from resnet_depth.evidence.evidence import Sources, read_evidence
from resnet_depth.evidence.reading import write_inputs
from resnet_depth.evidence.settings import StudySettings, SummarizeSettings
from resnet_depth.report.page import Destinations, write_report
from resnet_depth.report.settings import ReportSettings
from resnet_depth.training.checkpoints import remove_recorded


def main(
    params: cli.ParamsFile,
    card: Annotated[Path, cli.option("--card", "Card of the prepared dataset, dataset.json.")],
    tables: Annotated[Path, cli.option("--tables", "Folder of all tables, some of them to write.")],
    models: Annotated[Path, cli.option("--models", "Folder of all trained networks.")],
    durations: Annotated[Path, cli.option("--durations", "Folder of all trainings' durations.")],
    recipes: Annotated[Path, cli.option("--recipes", "Folder of the recipes, whole.")],
    exports: Annotated[Path, cli.option("--exports", "Folder of all exported networks.")],
    latency: Annotated[Path, cli.option("--latency", "Folder of all depths' inference times.")],
    images: Annotated[Path, cli.option("--images", "The test part's images, shown as examples.")],
    metrics: Annotated[Path, cli.option("--metrics", "Folder to write the metrics into.")],
    figures: Annotated[Path, cli.option("--figures", "Folder to write the figures to.")],
    page: Annotated[Path, cli.option("--page", "File to write the page to.")],
    results_table: Annotated[Path, cli.option("--results-table", "File for the plain-text table.")],
    checkpoints: cli.CheckpointsFolder,
    lock: cli.LockFile,
) -> None:
    """Write metrics, costs, findings, figures, the HTML page and the table of a dataset."""
    confidence = load_section(params, "summarize", SummarizeSettings).confidence
    settings = load_section(params, "report", ReportSettings)
    sources = Sources(card, recipes, tables, models, durations, exports, latency, images)
    evidence = read_evidence(sources, load_section(params, "study", StudySettings), confidence)
    write_report(evidence, settings, Destinations(metrics, tables, figures, page, results_table))
    write_inputs(tables / "report_inputs.json", [models, durations, recipes, exports, latency])
    remove_recorded(checkpoints, lock)  # every training that this reads is in dvc.lock by now


if __name__ == "__main__":
    cli.run(main)
