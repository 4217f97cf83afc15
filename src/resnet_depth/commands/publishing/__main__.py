"""Commands `make publish`, `make verify`, `make docs` and `make docs-check`."""

import sys
import tempfile
from pathlib import Path
from typing import Annotated

from resnet_depth.base import cli
from resnet_depth.base.errors import UserError
from resnet_depth.commands import options
from resnet_depth.commands.publishing.documents import DOCUMENTS, check_documents, write_documents
from resnet_depth.commands.publishing.publish import publish
from resnet_depth.commands.publishing.verify import verify
from resnet_depth.commands.reproducing.look import look
from resnet_depth.evidence.wording import listed


def publish_command(
    root: options.RootFolder,
    dataset: cli.DatasetKey,
    study: Annotated[
        str, cli.option("--study", "Name under docs/results/; the dataset's key without it.")
    ] = "",
) -> None:
    """Replace docs/results/<study>/ by what the pipeline last wrote of a dataset."""
    root = root.resolve()
    look(root)
    folder = publish(root, dataset, study or dataset)
    files = [path for path in folder.rglob("*") if path.is_file()]
    size = sum(path.stat().st_size for path in files) / 1e6
    print(f"{folder.relative_to(root)}: {len(files)} files, {size:.1f} MB. Now 'make docs'.")


def verify_command(
    root: options.RootFolder,
    study: Annotated[str, cli.option("--study", "Name of a study of docs/results/.")],
    run: Annotated[
        str, cli.option("--run", "The run's name as it was published; its first run without it.")
    ] = "",
) -> None:
    """Train one published network again; exit with status 1 if it isn't the published one."""
    look(root)
    with tempfile.TemporaryDirectory(prefix="verify-") as folder:
        equal = verify(root.resolve(), study, run, Path(folder) / "clone")
    print("Verified." if equal else "NOT verified.")
    sys.exit(not equal)


def docs_command(
    root: options.RootFolder,
    check: Annotated[
        bool, cli.option("--check", "Write nothing; exit with status 1 if any differs.")
    ] = False,
) -> None:
    """Render the documents from docs/templates/; name each number there that has no source."""
    for name in [] if check else write_documents(root):
        print(f"{name}: written anew. Read it again: the words may no longer fit.")
    if mistakes := check_documents(root):
        hint = ["'make docs' writes what docs/templates/ gives."] if check else []
        raise UserError("\n".join([*mistakes, *hint]))
    print(f"{listed(list(DOCUMENTS))}: as docs/templates/ and docs/results/ give them.")


if __name__ == "__main__":
    cli.run(publish=publish_command, verify=verify_command, docs=docs_command)
