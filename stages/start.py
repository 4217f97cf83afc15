"""DVC stage `start`: bring what the trainings of a recipe and depth start from."""

from pathlib import Path
from typing import Annotated

from resnet_depth.base import cli
from resnet_depth.base.files import replacing_folder
from resnet_depth.base.sections import load_section
from resnet_depth.data.fetching.settings import load_limits
from resnet_depth.data.fetching.sources import source_of
from resnet_depth.networks.shape import NetworkShape
from resnet_depth.runs.names import START_RECORD_FILE
from resnet_depth.runs.records import write_record
from resnet_depth.start.records import StartRecord
from resnet_depth.training.settings import FROM_SCRATCH, RecipeSettings


def main(
    params: cli.ParamsFile,
    recipe: Annotated[Path, cli.option("--recipe", "Recipe, whole.")],
    weights: Annotated[Path, cli.option("--weights", "The entry of its weights.")],
    depth: cli.Depth,
    partial: cli.PartialFile,
    out: cli.OutFolder,
) -> None:
    """Write the record that there are none, or verified weights and theirs.

    The environment variable <KEY>_SOURCE, such as IMAGENET_SOURCE, names a file or URL to take them
    from; {network} in it stands for resnet18 and so on.
    """
    told = load_section(recipe, "", RecipeSettings)
    if told.weights == FROM_SCRATCH:
        with replacing_folder(out) as folder:
            write_record(folder / START_RECORD_FILE, StartRecord.nothing())
        return
    # torch takes two seconds to import, for which a training from scratch needn't wait.
    from resnet_depth.start.start import weights_file, write_start  # noqa: PLC0415

    file, source = weights_file(told.weights, weights, params, depth), source_of(told.weights)
    shape = NetworkShape(depth, 1, told.stem, told.image_size)
    write_start(file, shape, source, partial, out, load_limits(params))


if __name__ == "__main__":
    cli.run(main)
