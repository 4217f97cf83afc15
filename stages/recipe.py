"""DVC stage `recipe`: write a recipe whole, with what it leaves to the reference."""

from typing import Annotated

from resnet_depth.base import cli
from resnet_depth.base.files import write_json
from resnet_depth.training.settings import load_recipe


def main(
    params: cli.ParamsFile,
    recipe: Annotated[str, cli.option("--recipe", "Key of the recipe under 'recipes'.")],
    out: cli.OutFile,
) -> None:
    """Write all keys of a recipe; a change of the reference that it doesn't take leaves it be."""
    write_json(out, load_recipe(params, recipe).model_dump())


if __name__ == "__main__":
    cli.run(main)
