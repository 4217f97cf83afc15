"""Command `make docs-check`: compare the documents' numbers with what was published."""

from pathlib import Path
from typing import Annotated

import typer

from resnet_depth import cli
from resnet_depth.documents import DOCUMENTS, check_documents, fix_documents
from resnet_depth.errors import UserError
from resnet_depth.wording import listed


def main(
    root: Annotated[Path, cli.option("--root", "Folder of the repository.")],
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
    cli.run(main)
