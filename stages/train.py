"""DVC stage `train`: train one network, a depth with a seed, by a recipe on one dataset."""

from pathlib import Path
from typing import Annotated

from resnet_depth.base import cli
from resnet_depth.base.sections import load_section
from resnet_depth.runs.names import Run
from resnet_depth.training.checkpoints import remove_recorded
from resnet_depth.training.result import Job
from resnet_depth.training.settings import DatasetTraining, RecipeSettings, TrainSettings
from resnet_depth.training.train import train_from_files


def main(
    params: cli.ParamsFile,
    dataset: cli.DatasetKey,
    recipe: Annotated[Path, cli.option("--recipe", "Recipe, whole; named as its file.")],
    depth: cli.Depth,
    seed: cli.Seed,
    data: cli.DataFolder,
    start: Annotated[Path, cli.option("--start", "Folder of what the training starts from.")],
    out: cli.OutFolder,
    durations: Annotated[Path, cli.option("--durations", "File for the clock's readings.")],
    checkpoints: cli.CheckpointsFolder,
    lock: cli.LockFile,
) -> None:
    """Write weights, curves and record of a trained network, and its durations apart."""
    job = Job(
        dataset=dataset,
        run=Run(recipe.stem, depth, seed),
        recipe=load_section(recipe, "", RecipeSettings),
        epochs_factor=load_section(params, f"datasets.{dataset}", DatasetTraining).epochs_factor,
        hardware=load_section(params, "train", TrainSettings),
    )
    remove_recorded(checkpoints, lock)
    train_from_files(job, data, start, checkpoints, out, durations)


if __name__ == "__main__":
    cli.run(main)
