"""Command `make tidy`: remove what datasets, depths and seeds out of the study have left."""

from pathlib import Path
from typing import Annotated

from resnet_depth import cli
from resnet_depth.tidying import tidy


def main(root: Annotated[Path, cli.option("--root", "Folder of the DVC repository.")]) -> None:
    """Remove files and dvc.lock entries of what is no longer in the study; name each."""
    for name in tidy(root.resolve()):
        print(f"removed {name}")


if __name__ == "__main__":
    cli.run(main)
