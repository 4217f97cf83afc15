"""DVC as `make` calls it, the committed study run again, and a study kept to what is in it."""

import sys
import tempfile
from pathlib import Path
from typing import Annotated

from resnet_depth.base import cli
from resnet_depth.commands import options
from resnet_depth.commands.reproducing.dvc_command import be_dvc, end_with
from resnet_depth.commands.reproducing.look import end_lines_as_git, look
from resnet_depth.commands.reproducing.tidy import tidy


def dvc_command(
    root: options.RootFolder,
    command: list[str],
    parent: Annotated[int | None, cli.option("--parent", "Process that it ends with.")] = None,
) -> None:
    """Run a DVC command, given after `--`, once what is in its way was looked at."""
    end_with(parent)
    sys.exit(be_dvc(root, command))


def reproduce_command(root: options.RootFolder, dataset: cli.DatasetKey) -> None:
    """Run a study in a clean clone; exit with status 1 if it gives other than is committed."""
    # pandas takes half a second to import, for which DVC needn't wait.
    from resnet_depth.commands.reproducing.reproduce import reproduce  # noqa: PLC0415

    look(root)
    with tempfile.TemporaryDirectory(prefix="reproduce-") as folder:
        equal = reproduce(root.resolve(), Path(folder) / "clone", dataset)
    print("Reproduced." if equal else "NOT reproduced.")
    sys.exit(not equal)


def tidy_command(root: options.RootFolder) -> None:
    """Remove files and dvc.lock entries of what is no longer in the study; name each."""
    look(root)
    for name in tidy(root.resolve()):
        print(f"removed {name}")


def lines_command(root: options.RootFolder) -> None:
    """Let lines end as they do in git, in files where an editor or a checkout changed them."""
    for name in end_lines_as_git(root):
        print(f"{name}: line ends as in git")


if __name__ == "__main__":
    cli.run(dvc=dvc_command, reproduce=reproduce_command, tidy=tidy_command, lines=lines_command)
