"""Command `make publish`: copy a finished study's results to docs/results/, byte for byte."""

from pathlib import Path
from typing import Annotated

import typer

from resnet_depth import cli
from resnet_depth.publication import instances_to_run, publish


def main(
    root: Annotated[Path, cli.option("--root", "Folder of the repository.")],
    dataset: cli.DatasetKey,
    study: Annotated[
        str, typer.Option(help="Name under docs/results/; the dataset's key without it.")
    ] = "",
) -> None:
    """Replace docs/results/<study>/ by what the pipeline last wrote of a dataset."""
    root = root.resolve()
    folder = publish(root, dataset, study or dataset, instances_to_run)
    files = [path for path in folder.rglob("*") if path.is_file()]
    size = sum(path.stat().st_size for path in files) / 1e6
    print(f"{folder.relative_to(root)}: {len(files)} files, {size:.1f} MB. Now 'make docs-check'.")


if __name__ == "__main__":
    cli.run(main)
