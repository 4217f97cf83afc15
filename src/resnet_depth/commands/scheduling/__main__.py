"""A study's instances, several at once; and the costs of its networks, one at a time."""

from typing import Annotated

from resnet_depth.base import cli
from resnet_depth.base.sections import load_section
from resnet_depth.commands.reproducing.dvc_command import end_with
from resnet_depth.commands.scheduling.run import run_here
from resnet_depth.commands.scheduling.slots import cores, require_cores
from resnet_depth.training.settings import TrainSettings

Jobs = Annotated[int, cli.option("--jobs", "How many run at once.", 1, 4096)]
Parent = Annotated[int | None, cli.option("--parent", "Process that it ends with.")]
KeepGoing = Annotated[bool, cli.option("--keep-going", "After a failure, do what else can be.")]
Dry = Annotated[bool, cli.option("--dry", "Say what would run, and run nothing.")]


def run_command(
    root: cli.RootFolder,
    dataset: cli.DatasetKey,
    jobs: Jobs,
    keep_going: KeepGoing = False,
    dry: Dry = False,
    parent: Parent = None,
) -> None:
    """Run what of a dataset's study is out of date, several instances at once."""
    if parent is not None:
        end_with(parent)
    train = load_section(root / "params.yaml", "train", TrainSettings)
    require_cores(jobs, train.threads, cores())
    devices: list[str] = []
    if train.device in ("auto", "cuda") and not dry:
        # torch takes seconds to import.
        from resnet_depth.commands.scheduling.gpus import usable_gpus  # noqa: PLC0415

        devices = usable_gpus()
    target = f"report@{dataset}"
    run_here(root, target, jobs, devices=devices, keep_going=keep_going, dry=dry)
    if not dry:
        results = root / "plots" / dataset
        print(f"\n{(results / 'results.txt').read_text(encoding='utf-8')}", end="")
        print(f"Report: {results / 'report.html'}")


def costs_command(root: cli.RootFolder, dataset: cli.DatasetKey, parent: Parent = None) -> None:
    """Time one training a depth and recipe again, alone, and write the report anew."""
    if parent is not None:
        end_with(parent)
    # pandas takes half a second to import, for which no run needs to wait.
    from resnet_depth.commands.scheduling.costs import time_again  # noqa: PLC0415

    time_again(root, dataset)


if __name__ == "__main__":
    cli.run(run=run_command, costs=costs_command)
