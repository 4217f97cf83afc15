"""Tell what an exported network says of images."""

from pathlib import Path
from typing import Annotated

from resnet_depth.base import cli
from resnet_depth.base.files import json_text
from resnet_depth.commands.predicting.predict import predict
from resnet_depth.evidence.wording import percent
from resnet_depth.runs.names import Network


def main(
    root: cli.RootFolder,
    dataset: cli.DatasetKey,
    recipe: Annotated[str, cli.option("--recipe", "Key of the recipe.")],
    depth: cli.Depth,
    image: Annotated[list[Path], cli.option("--image", "Image file or folder; repeat it.")],
    top: Annotated[int, cli.option("--top", "How many classes to tell.", least=1)] = 1,
    as_json: Annotated[bool, cli.option("--json", "Print JSON, with all digits.")] = False,
) -> None:
    """Print the likeliest classes of each image, with their probabilities."""
    found = predict(root, dataset, Network(recipe, depth), image, top)
    if as_json:
        rows = [{"image": str(one.image), "classes": one.classes} for one in found]
        print(json_text(rows), end="")
        return
    for one in found:
        said = ", ".join(f"{name} ({percent(share)})" for name, share in one.classes.items())
        print(f"{one.image}: {said}")


if __name__ == "__main__":
    cli.run(main)
