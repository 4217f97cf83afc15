"""DVC stage `settings`: check every section of the settings file before anything starts."""

from resnet_depth.base import cli
from resnet_depth.base.files import write_text
from resnet_depth.params import load_params


def main(params: cli.ParamsFile, out: cli.OutFile) -> None:
    """Refuse impossible settings; write a file whose content never changes."""
    load_params(params)
    # Constant, so that nothing that waits for this check runs again for a valid change.
    write_text(out, "valid\n")


if __name__ == "__main__":
    cli.run(main)
