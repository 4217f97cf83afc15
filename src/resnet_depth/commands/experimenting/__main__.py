"""All DVC experiments: what was changed, and what came of it."""

import shutil
from typing import Annotated

from resnet_depth.base import cli
from resnet_depth.base.sections import load_section
from resnet_depth.commands import options
from resnet_depth.commands.experimenting.collect import collect
from resnet_depth.commands.experimenting.table import as_markdown, as_text
from resnet_depth.commands.reproducing.look import look
from resnet_depth.evidence.settings import SummarizeSettings


def main(
    root: options.RootFolder,
    markdown: Annotated[bool, cli.option("--markdown", "As a table in Markdown.")] = False,
) -> None:
    """Print the experiments of all commits, each beneath the commit that it began with."""
    look(root)
    confidence = load_section(root / "params.yaml", "summarize", SummarizeSettings).confidence
    experiments = collect(root)
    if markdown:
        print(as_markdown(experiments, confidence), end="")
    else:
        print(as_text(experiments, confidence, shutil.get_terminal_size().columns), end="")


if __name__ == "__main__":
    cli.run(main)
