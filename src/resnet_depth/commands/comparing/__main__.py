"""Two studies side by side: what was changed, and what came of it."""

import sys
import tempfile
from pathlib import Path
from typing import Annotated

from resnet_depth.base import cli
from resnet_depth.base.errors import UserError
from resnet_depth.commands import options
from resnet_depth.commands.comparing.compare import compare
from resnet_depth.commands.comparing.page import write_page
from resnet_depth.commands.comparing.sides import open_sides
from resnet_depth.commands.comparing.text import as_markdown, as_terminal
from resnet_depth.commands.reproducing.look import look

PAGE = "comparison.html"
_KINDS = "workspace, a study of docs/results/, a git revision or a DVC experiment."


def main(
    root: options.RootFolder,
    first: Annotated[str, cli.option("--a", f"The study to start from: {_KINDS}")] = "HEAD",
    second: Annotated[str, cli.option("--b", f"The other one: {_KINDS}")] = "workspace",
    dataset: Annotated[
        str | None, cli.key("--dataset", "Of which dataset; without it that of a published study.")
    ] = None,
    markdown: Annotated[
        bool, cli.option("--markdown", "Print Markdown, such as for a pull request.")
    ] = False,
) -> None:
    """Print how two studies of a dataset differ, and write a page with their figures."""
    root = root.resolve()
    look(root)
    if not first or not second:
        raise UserError(f"A and B: name two; each is {_KINDS}")
    with tempfile.TemporaryDirectory(prefix="compare-") as folder:
        sides = open_sides(root, (first, second), dataset or "", Path(folder))
        found = compare(root, *sides)
        page = root / "plots" / found.second.study.dataset["key"] / PAGE
        write_page(page, found)
    print((as_markdown if markdown else as_terminal)(found), end="")
    print(f"Page: {page.relative_to(root)}", file=sys.stderr if markdown else sys.stdout)


if __name__ == "__main__":
    cli.run(main)
