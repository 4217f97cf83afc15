"""DVC stage `settings`: check every section of the settings file before anything starts."""

from typing import Annotated

from resnet_depth.base import cli
from resnet_depth.base.files import write_text
from resnet_depth.params import load_params, require_dataset


def main(
    params: cli.ParamsFile,
    out: cli.OutFile,
    dataset: Annotated[str | None, cli.option("--dataset", "Key that is to be studied.")] = None,
) -> None:
    """Refuse impossible settings; write a file whose content never changes."""
    load_params(params)
    if dataset is not None:
        require_dataset(params, dataset)
    # Constant, so that nothing that waits for this check runs again for a valid change.
    write_text(out, "valid\n")


if __name__ == "__main__":
    cli.run(main)
