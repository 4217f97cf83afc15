"""DVC stage `train`: train one network, a depth with a seed, on one dataset."""

from pathlib import Path
from typing import Annotated

from resnet_depth.cli import DataFolder, DatasetKey, Depth, OutFolder, ParamsFile, Seed, option, run
from resnet_depth.datasets import load_part
from resnet_depth.runs import Run, network_name
from resnet_depth.settings.datasets import DatasetSettings
from resnet_depth.settings.models import ModelSettings
from resnet_depth.settings.reader import load_section
from resnet_depth.settings.train import TrainSettings
from resnet_depth.training import Job, train, write_training


def main(
    params: ParamsFile,
    dataset: DatasetKey,
    depth: Depth,
    seed: Seed,
    data: DataFolder,
    out: OutFolder,
    durations: Annotated[Path, option("--durations", "File to write the clock's readings to.")],
) -> None:
    """Write weights, curves and record of a trained network, and its durations apart."""
    job = Job(
        dataset=dataset,
        run=Run(depth, seed),
        epochs=load_section(params, f"datasets.{dataset}", DatasetSettings).epochs,
        model=load_section(params, f"models.{network_name(depth)}", ModelSettings),
        recipe=load_section(params, "train", TrainSettings),
    )
    trained = train(job, load_part(data, "train"), load_part(data, "validation"))
    write_training(trained, out, durations)


if __name__ == "__main__":
    run(main)
