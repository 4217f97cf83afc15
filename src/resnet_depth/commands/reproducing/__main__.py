"""The committed study run again (`make reproduce`), and kept to what is in it (`make tidy`)."""

import sys
import tempfile
from pathlib import Path

from resnet_depth.base import cli
from resnet_depth.commands.reproducing.reproduce import reproduce
from resnet_depth.commands.reproducing.tidy import tidy


def reproduce_command(root: cli.RootFolder, dataset: cli.DatasetKey) -> None:
    """Run a study in a clean clone; exit with status 1 if it gives other than is committed."""
    with tempfile.TemporaryDirectory(prefix="reproduce-") as folder:
        equal = reproduce(root.resolve(), Path(folder) / "clone", dataset)
    print("Reproduced." if equal else "NOT reproduced.")
    sys.exit(not equal)


def tidy_command(root: cli.RootFolder) -> None:
    """Remove files and dvc.lock entries of what is no longer in the study; name each."""
    for name in tidy(root.resolve()):
        print(f"removed {name}")


if __name__ == "__main__":
    cli.run(reproduce=reproduce_command, tidy=tidy_command)
