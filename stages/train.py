"""DVC stage `train`: train one network, a depth with a seed, on one dataset."""

from pathlib import Path
from typing import Annotated

from resnet_depth.base import cli
from resnet_depth.base.sections import load_section
from resnet_depth.networks.settings import ModelSettings
from resnet_depth.runs.names import Run, network_name
from resnet_depth.training.checkpoints import remove_recorded
from resnet_depth.training.result import Job
from resnet_depth.training.settings import DatasetTraining, TrainSettings
from resnet_depth.training.train import train_from_files


def main(
    params: cli.ParamsFile,
    dataset: cli.DatasetKey,
    depth: cli.Depth,
    seed: cli.Seed,
    data: cli.DataFolder,
    out: cli.OutFolder,
    durations: Annotated[Path, cli.option("--durations", "File for the clock's readings.")],
    checkpoints: cli.CheckpointsFolder,
    lock: cli.LockFile,
) -> None:
    """Write weights, curves and record of a trained network, and its durations apart."""
    job = Job(
        dataset=dataset,
        run=Run(depth, seed),
        epochs=load_section(params, f"datasets.{dataset}", DatasetTraining).epochs,
        model=load_section(params, f"models.{network_name(depth)}", ModelSettings),
        recipe=load_section(params, "train", TrainSettings),
    )
    remove_recorded(checkpoints, lock)
    train_from_files(job, data, checkpoints, out, durations)


if __name__ == "__main__":
    cli.run(main)
