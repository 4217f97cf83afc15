"""DVC stage `recipe`: write a recipe whole, and the entry of section `weights` that it names."""

from pathlib import Path
from typing import Annotated

from resnet_depth.base import cli
from resnet_depth.base.files import write_json
from resnet_depth.start.settings import described_weights
from resnet_depth.training.settings import load_recipe


def main(
    params: cli.ParamsFile,
    recipe: cli.RecipeKey,
    out: cli.OutFile,
    weights: Annotated[Path, cli.option("--weights", "File to write the weights' entry to.")],
) -> None:
    """Write all that decides what a recipe does, so that only a change of that is one.

    Not so a change of the reference in a key that it has itself, of other weights or of hosts.
    """
    told = load_recipe(params, recipe)
    write_json(out, told.model_dump())
    write_json(weights, described_weights(params, told.weights))


if __name__ == "__main__":
    cli.run(main)
