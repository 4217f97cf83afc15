"""Command `make verify`: train one published network again and compare its bytes."""

import sys
import tempfile
from pathlib import Path
from typing import Annotated

from resnet_depth import cli
from resnet_depth.verification import verify


def main(
    root: Annotated[Path, cli.option("--root", "Folder of the repository.")],
    study: Annotated[str, cli.option("--study", "Name of a folder of docs/results/.")],
    run: Annotated[str, cli.option("--run", "Name of the run, such as resnet18-seed0.")],
) -> None:
    """Exit with status 1 if the network isn't the published one."""
    with tempfile.TemporaryDirectory(prefix="verify-") as folder:
        equal = verify(
            root.resolve(), study, run, Path(folder) / "clone", lambda line: print(line, flush=True)
        )
    print("Verified." if equal else "NOT verified.")
    sys.exit(not equal)


if __name__ == "__main__":
    cli.run(main)
