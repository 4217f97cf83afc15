"""DVC stage `summarize`: bring all runs of a dataset together into results over seeds."""

from pathlib import Path
from typing import Annotated

from resnet_depth.base import cli
from resnet_depth.base.sections import load_section
from resnet_depth.evaluation.settings import EvaluateSettings
from resnet_depth.evidence.reading import write_inputs
from resnet_depth.evidence.results import read_pruned, read_results
from resnet_depth.evidence.settings import StudySettings, SummarizeSettings
from resnet_depth.evidence.tables import write_tables
from resnet_depth.training.settings import load_recipe


def main(
    params: cli.ParamsFile,
    card: Annotated[Path, cli.option("--card", "Card of the prepared dataset, dataset.json.")],
    models: Annotated[Path, cli.option("--models", "Folder of all trained networks.")],
    evaluations: Annotated[Path, cli.option("--evaluations", "Folder of all runs' evaluations.")],
    pruned: Annotated[Path, cli.option("--pruned", "Folder of all pruned networks.")],
    tables: Annotated[Path, cli.option("--tables", "Folder to write the tables into.")],
) -> None:
    """Write tidy tables of every run of the study, and mean accuracies over seeds."""
    study = load_section(params, "study", StudySettings)
    confidence = load_section(params, "summarize", SummarizeSettings).confidence
    bins = load_section(params, "evaluate", EvaluateSettings).calibration_bins
    recipes = {recipe: load_recipe(params, recipe) for recipe in study.recipes}
    dataset, results = read_results(card, models, evaluations, study.runs(), recipes)
    smaller = read_pruned(pruned, dataset.key, study.seeds)
    write_tables(tables, results, smaller, dataset.class_names, confidence, bins)
    write_inputs(tables / "summarize_inputs.json", [models, evaluations, pruned])


if __name__ == "__main__":
    cli.run(main)
