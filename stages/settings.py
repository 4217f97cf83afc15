"""DVC stage `settings`: check every section of the settings file before anything starts."""

from typing import Annotated

from resnet_depth.base import cli
from resnet_depth.base.files import write_text
from resnet_depth.params import require_studied


def main(
    params: cli.ParamsFile,
    out: cli.OutFile,
    dataset: Annotated[str | None, cli.key("--dataset", "What the study is to have.")] = None,
    recipe: Annotated[str | None, cli.key("--recipe", "Likewise.")] = None,
    depth: Annotated[int | None, cli.option("--depth", "Likewise.")] = None,
) -> None:
    """Refuse impossible settings; write a file whose content never changes."""
    require_studied(params, datasets=dataset, recipes=recipe, depths=depth)
    # Constant, so that nothing that waits for this check runs again for a valid change.
    write_text(out, "valid\n")


if __name__ == "__main__":
    cli.run(main)
