"""Command `make reproduce`: run a study in a clean clone and compare it with what is committed."""

import sys
import tempfile
from pathlib import Path
from typing import Annotated

from resnet_depth import cli
from resnet_depth.reproduction import reproduce


def main(
    root: Annotated[Path, cli.option("--root", "Folder of the repository.")],
    dataset: cli.DatasetKey,
) -> None:
    """Exit with status 1 if what the clone gives differs from what is committed."""
    with tempfile.TemporaryDirectory(prefix="reproduce-") as folder:
        equal = reproduce(
            root.resolve(), Path(folder) / "clone", dataset, lambda line: print(line, flush=True)
        )
    print("Reproduced." if equal else "NOT reproduced.")
    sys.exit(not equal)


if __name__ == "__main__":
    cli.run(main)
