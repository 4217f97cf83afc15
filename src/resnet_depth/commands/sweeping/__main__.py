"""Try values of a recipe's key, by the validation accuracy of one network."""

from typing import Annotated

from resnet_depth.base import cli
from resnet_depth.commands import options
from resnet_depth.commands.reproducing.look import look
from resnet_depth.commands.sweeping import sweep as sweeping
from resnet_depth.runs.names import Run


def main(
    root: options.RootFolder,
    dataset: cli.DatasetKey,
    recipe: cli.RecipeKey,
    key: Annotated[str, cli.key("--key", "Key of it that is tried.")],
    values: Annotated[str, cli.option("--values", "What it is given, separated by commas.")],
    depth: cli.Depth = 18,
    seed: cli.Seed = 0,
) -> None:
    """Train the network once a value as DVC experiments; print a table, draw a figure."""
    asked = tuple(value.strip() for value in values.split(",") if value.strip())
    sweep = sweeping.Sweep(dataset, Run(recipe, depth, seed), key, asked)
    look(root)
    sweeping.check(root, sweep)
    sweeping.run(root, sweep)
    curves = sweeping.read_curves(root, sweep)
    print(f"\n{sweeping.table(sweep, curves)}", end="")
    figure = root / "plots" / dataset / f"sweep_{recipe}_{key}"
    sweeping.draw(sweep, curves, figure)
    print(f"Figure: {figure}.svg")


if __name__ == "__main__":
    cli.run(main)
