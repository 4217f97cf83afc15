"""Commands `make publish`, `make verify` and `make docs-check`."""

import sys
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from resnet_depth.base import cli
from resnet_depth.base.errors import UserError
from resnet_depth.commands.publishing.documents import DOCUMENTS, check_documents, fix_documents
from resnet_depth.commands.publishing.publish import publish
from resnet_depth.commands.publishing.verify import verify
from resnet_depth.evidence.wording import listed


def publish_command(
    root: cli.RootFolder,
    dataset: cli.DatasetKey,
    study: Annotated[
        str, typer.Option(help="Name under docs/results/; the dataset's key without it.")
    ] = "",
) -> None:
    """Replace docs/results/<study>/ by what the pipeline last wrote of a dataset."""
    root = root.resolve()
    folder = publish(root, dataset, study or dataset)
    files = [path for path in folder.rglob("*") if path.is_file()]
    size = sum(path.stat().st_size for path in files) / 1e6
    print(f"{folder.relative_to(root)}: {len(files)} files, {size:.1f} MB. Now 'make docs-check'.")


def verify_command(
    root: cli.RootFolder,
    study: Annotated[str, cli.option("--study", "Name of a folder of docs/results/.")],
    run: Annotated[str, cli.option("--run", "Name of the run, such as resnet18-seed0.")],
) -> None:
    """Train one published network again; exit with status 1 if it isn't the published one."""
    with tempfile.TemporaryDirectory(prefix="verify-") as folder:
        equal = verify(root.resolve(), study, run, Path(folder) / "clone")
    print("Verified." if equal else "NOT verified.")
    sys.exit(not equal)


def docs_check_command(
    root: cli.RootFolder,
    fix: Annotated[
        bool, typer.Option("--fix", help="Write what the results say in place of what differs.")
    ] = False,
) -> None:
    """Name each number that isn't as published, or has no source; exit with status 1 if any."""
    for name in fix_documents(root) if fix else []:
        print(f"{name}: numbers written anew. Read it again: the words may no longer fit.")
    if mistakes := check_documents(root):
        hint = "" if fix else "; 'make docs-check ARGS=--fix' writes the numbers that differ"
        raise UserError("\n".join([*mistakes, f"Mistakes: {len(mistakes)}{hint}"]))
    print(f"Every number that {listed(list(DOCUMENTS))} quote is as published.")


if __name__ == "__main__":
    cli.run(publish=publish_command, verify=verify_command, **{"docs-check": docs_check_command})
