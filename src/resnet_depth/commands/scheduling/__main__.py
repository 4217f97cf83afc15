"""A study's instances, several at once, here or in clones; what that would take; costs, alone."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

from resnet_depth.base import cli
from resnet_depth.base.sections import load_section
from resnet_depth.commands import options
from resnet_depth.commands.reproducing.dvc_command import end_with
from resnet_depth.commands.scheduling.cloning.run import Workers, run_in_clones
from resnet_depth.commands.scheduling.run import run_here
from resnet_depth.commands.scheduling.simulation import RUNS, WORKERS, Costs, simulate, table
from resnet_depth.commands.scheduling.slots import cores, require_cores
from resnet_depth.training.settings import TrainSettings

Jobs = Annotated[int, cli.option("--jobs", "How many run at once.", 1, 4096)]
Parent = Annotated[int | None, cli.option("--parent", "Process that it ends with.")]
KeepGoing = Annotated[bool, cli.option("--keep-going", "After a failure, do what else can be.")]
Dry = Annotated[bool, cli.option("--dry", "Say what would run, and run nothing.")]


def run_command(
    root: options.RootFolder,
    dataset: cli.DatasetKey,
    jobs: Jobs,
    keep_going: KeepGoing = False,
    dry: Dry = False,
    parent: Parent = None,
) -> None:
    """Run what of a dataset's study is out of date, several instances at once."""
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
        _show_results(root, dataset)


def costs_command(root: options.RootFolder, dataset: cli.DatasetKey, parent: Parent = None) -> None:
    """Time one training a depth and recipe again, alone, and write the report anew."""
    end_with(parent)
    # pandas takes half a second to import, for which no run needs to wait.
    from resnet_depth.commands.scheduling.costs import time_again  # noqa: PLC0415

    time_again(root, dataset)


def clones_command(
    root: options.RootFolder,
    dataset: cli.DatasetKey,
    scheduler: Annotated[
        str | None, cli.option("--scheduler", "Dask's scheduler, such as tcp://127.0.0.1:8786.")
    ] = None,
    local_cluster: Annotated[
        int | None, cli.option("--local-cluster", "Or so many workers on this machine.", 1, 4096)
    ] = None,
    source: Annotated[
        str | None, cli.option("--source", "What workers clone; here or git's origin.")
    ] = None,
    checkpoints: Annotated[
        Path | None, cli.option("--checkpoints", "Folder that all workers see.")
    ] = None,
    any_machine: Annotated[
        bool, cli.option("--any-machine", "Take results of other machine classes, too.")
    ] = False,
    keep_going: KeepGoing = False,
    dry: Dry = False,
    parent: Parent = None,
) -> None:
    """Run what of a dataset's study is out of date in clones, by Dask's workers."""
    end_with(parent)
    workers = Workers(scheduler, local_cluster, source, checkpoints, any_machine)
    if local_cluster:
        threads = load_section(root / "params.yaml", "train", TrainSettings).threads
        require_cores(local_cluster, threads, cores())
    run_in_clones(root, f"report@{dataset}", workers, keep_going=keep_going, dry=dry)
    if not dry:
        _show_results(root, dataset)


def simulate_command(
    runs: Annotated[list[int] | None, cli.option("--runs", "How many; may be repeated.", 1)] = None,
    train_seconds: Annotated[
        list[float] | None, cli.option("--train-seconds", "Of a depth; repeated for each.")
    ] = None,
    remote_speed: Annotated[
        float, cli.option("--remote-speed", "Bytes a second that the remote transfers.", 1)
    ] = Costs.remote_speed,
) -> None:
    """Tell how long studies would take on 1 to 512 workers in clones, and what stops them."""
    costs = Costs(remote_speed=remote_speed)
    if train_seconds:
        sizes = costs.network_bytes[-1:] * len(train_seconds)
        costs = replace(costs, train_seconds=tuple(train_seconds), network_bytes=sizes)
    print(table([simulate(costs, each, n) for each in runs or RUNS for n in WORKERS]))


def _show_results(root: Path, dataset: str) -> None:
    results = root / "plots" / dataset
    print(f"\n{(results / 'results.txt').read_text(encoding='utf-8')}", end="")
    print(f"Report: {results / 'report.html'}")


if __name__ == "__main__":
    cli.run(run=run_command, clones=clones_command, costs=costs_command, simulate=simulate_command)
