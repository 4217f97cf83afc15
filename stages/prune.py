"""DVC stage `prune`: prune one trained network at all levels, and measure what is left."""

from pathlib import Path
from typing import Annotated

from resnet_depth.base import cli
from resnet_depth.base.sections import load_section
from resnet_depth.pruning.prune import prune_from_files
from resnet_depth.pruning.settings import PruneSettings
from resnet_depth.pruning.tuning import with_smaller_steps
from resnet_depth.runs.names import Run
from resnet_depth.training.result import Job
from resnet_depth.training.settings import RecipeSettings, TrainSettings


def main(
    params: cli.ParamsFile,
    dataset: cli.DatasetKey,
    recipe: Annotated[Path, cli.option("--recipe", "Recipe, whole; named as its file.")],
    depth: cli.Depth,
    seed: cli.Seed,
    data: cli.DataFolder,
    model: cli.ModelFolder,
    out: cli.OutFolder,
    durations: Annotated[Path, cli.option("--durations", "File for the clock's readings.")],
    checkpoints: cli.CheckpointsFolder,
) -> None:
    """Write size and validation accuracy at each level, and the networks but the controls'."""
    settings = load_section(params, "prune", PruneSettings)
    trained_by = load_section(recipe, "", RecipeSettings)
    job = Job(
        dataset=dataset,
        run=Run(recipe.stem, depth, seed),
        recipe=with_smaller_steps(trained_by, settings.lr_factor),
        # Of tuning, over which the recipe's schedule is spread.
        epochs_factor=settings.epochs / trained_by.epochs,
        hardware=load_section(params, "train", TrainSettings),
    )
    prune_from_files(job, settings.levels(), model, data, checkpoints, out, durations)


if __name__ == "__main__":
    cli.run(main)
