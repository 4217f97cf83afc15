"""Command `make bench`: training throughput beside the plain loop and this machine's limit."""

from pathlib import Path
from typing import Annotated

from resnet_depth.base import cli
from resnet_depth.base.errors import UserError
from resnet_depth.base.files import write_json
from resnet_depth.base.sections import load_section
from resnet_depth.commands.bench.benchmark import STUDY_DEPTHS, run_benchmark
from resnet_depth.commands.bench.contenders import IMAGE_SIZE, Setup
from resnet_depth.commands.bench.table import benchmark_table
from resnet_depth.networks.shape import DEPTHS
from resnet_depth.training.settings import REFERENCE, TrainSettings, load_recipe

FULL_BATCH_SIZES = [64, 256]
SEGMENT_SECONDS, QUICK_SEGMENT_SECONDS = 2.0, 1.0


def main(
    params: cli.ParamsFile,
    out: Annotated[Path | None, cli.option("--out", "JSON file to write.")] = None,
    quick: Annotated[
        bool, cli.option("--quick", "ResNet-18, 34 and 50 at batch 64, at most 3 minutes.")
    ] = False,
    depth: Annotated[
        list[int] | None, cli.option("--depth", "Depths to measure; repeat it.")
    ] = None,
    batch_size: Annotated[
        list[int] | None, cli.option("--batch-size", "Images a step; repeat it.", least=2)
    ] = None,
    recipe: cli.RecipeKey = REFERENCE,
    rounds: Annotated[
        int, cli.option("--rounds", "Timed segments of each contender.", least=1)
    ] = 5,
) -> None:
    """Print images/s, ratios with their range, and the fraction of the matrix-multiply limit."""
    unknown = sorted(set(depth or []) - set(DEPTHS))
    if unknown:
        raise UserError(f"--depth: need one of {list(DEPTHS)}, got {unknown[0]}")
    chosen = load_recipe(params, recipe)
    if (chosen.stem, chosen.image_size) != ("imagenet", IMAGE_SIZE):
        raise UserError(
            f"--recipe {recipe}: has stem {chosen.stem} and images of {chosen.image_size} pixels; "
            f"allowed: stem imagenet and {IMAGE_SIZE}, which the plain loop has"
        )
    benchmark = run_benchmark(
        Setup(chosen, load_section(params, "train", TrainSettings)),
        depth or list(STUDY_DEPTHS if quick else DEPTHS),
        batch_size or FULL_BATCH_SIZES[: 1 if quick else None],
        rounds,
        QUICK_SEGMENT_SECONDS if quick else SEGMENT_SECONDS,
    )
    if out is not None:
        write_json(out, benchmark.model_dump())
    print(benchmark_table(benchmark), end="")


if __name__ == "__main__":
    cli.run(main)
