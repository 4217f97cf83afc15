"""DVC stage `levels`: write which networks are pruned and how far, which `summarize` tells."""

from resnet_depth.base import cli
from resnet_depth.base.files import write_json
from resnet_depth.base.sections import load_section
from resnet_depth.pruning.settings import PruneSettings


def main(params: cli.ParamsFile, out: cli.OutFile) -> None:
    """Write section `prune`, which may ask for nothing."""
    write_json(out, load_section(params, "prune", PruneSettings).model_dump(mode="json"))


if __name__ == "__main__":
    cli.run(main)
