"""What commands are told and no stage is; options of stages too are in `base.cli`."""

from pathlib import Path
from typing import Annotated, Any

import typer

RootFolder = Annotated[
    Path, typer.Option("--root", help="Folder of the repository.", exists=True, file_okay=False)
]


def words(help_text: str) -> Any:
    """Return what takes all words behind the options, to use in `Annotated`."""
    return typer.Argument(help=help_text)
