"""Command `make bench`: training throughput beside the plain loop and this machine's limit."""

from pathlib import Path
from typing import Annotated

import typer

from resnet_depth.base import cli
from resnet_depth.base.errors import UserError
from resnet_depth.base.files import write_json
from resnet_depth.base.sections import load_section
from resnet_depth.commands.bench.benchmark import STUDY_DEPTHS, run_benchmark
from resnet_depth.commands.bench.table import benchmark_table
from resnet_depth.networks.resnet import ARCHITECTURES
from resnet_depth.training.settings import TrainSettings

FULL_BATCH_SIZES = [64, 256]
SEGMENT_SECONDS, QUICK_SEGMENT_SECONDS = 2.0, 1.0


def main(
    params: cli.ParamsFile,
    out: Annotated[Path | None, typer.Option(help="JSON file to write.")] = None,
    quick: Annotated[
        bool, typer.Option("--quick", help="ResNet-18, 34 and 50 at batch 64, at most 3 minutes.")
    ] = False,
    depth: Annotated[list[int] | None, typer.Option(help="Depths to measure; repeat it.")] = None,
    batch_size: Annotated[
        list[int] | None, typer.Option(min=2, help="Images a step; repeat it.")
    ] = None,
    rounds: Annotated[int, typer.Option(min=1, help="Timed segments of each contender.")] = 5,
) -> None:
    """Print images/s, ratios with their range, and the fraction of the matrix-multiply limit."""
    unknown = sorted(set(depth or []) - set(ARCHITECTURES))
    if unknown:
        raise UserError(f"--depth: need one of {list(ARCHITECTURES)}, got {unknown[0]}")
    benchmark = run_benchmark(
        load_section(params, "train", TrainSettings),
        depth or list(STUDY_DEPTHS if quick else ARCHITECTURES),
        batch_size or FULL_BATCH_SIZES[: 1 if quick else None],
        rounds,
        QUICK_SEGMENT_SECONDS if quick else SEGMENT_SECONDS,
    )
    if out is not None:
        write_json(out, benchmark.model_dump())
    print(benchmark_table(benchmark), end="")


if __name__ == "__main__":
    cli.run(main)
