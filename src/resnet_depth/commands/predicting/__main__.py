"""Tell what an exported network says of images."""

from pathlib import Path
from typing import Annotated, Any

from resnet_depth.base import cli
from resnet_depth.base.errors import UserError
from resnet_depth.base.files import json_text
from resnet_depth.base.messages import escaped
from resnet_depth.commands import options
from resnet_depth.commands.predicting.predict import Prediction, predict, predict_examples
from resnet_depth.evidence.wording import percent
from resnet_depth.runs.names import Network


def main(
    root: options.RootFolder,
    dataset: cli.DatasetKey,
    recipe: cli.RecipeKey,
    depth: cli.Depth,
    images: Annotated[list[Path] | None, options.words("Image files and folders.")] = None,
    examples: Annotated[bool, cli.option("--examples", "The test images of the report.")] = False,
    top: Annotated[int, cli.option("--top", "How many classes to tell.", least=1)] = 1,
    as_json: Annotated[bool, cli.option("--json", "Print JSON, with all digits.")] = False,
) -> None:
    """Print the likeliest classes of each image, with their probabilities."""
    network = Network(recipe, depth)
    if examples and not images:
        found = predict_examples(root, dataset, network, top)
    elif images and not examples:
        found = predict(root, dataset, network, images, top)
    else:
        raise UserError(
            "name images (make predict IMAGE=photo.jpg), or ask for the report's examples "
            "(make predict ARGS=--examples)"
        )
    if as_json:
        print(json_text([_row(one) for one in found]), end="")
        return
    for one in found:
        said = ", ".join(f"{name} ({percent(share)})" for name, share in one.classes.items())
        about = f"test image {one.image}, actual {one.actual}" if examples else _name(one)
        print(f"{about}: {said}")


def _row(one: Prediction) -> dict[str, Any]:
    """Return what JSON says of an image."""
    if one.actual is None:
        return {"image": _name(one), "classes": one.classes}
    return {"index": one.image, "actual": one.actual, "classes": one.classes}


def _name(one: Prediction) -> str:
    """Return the name of an image's file, which may hold anything, as it can be printed."""
    return escaped(str(one.image))


if __name__ == "__main__":
    cli.run(main)
