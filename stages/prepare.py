"""DVC stage `prepare`: turn images into arrays, divided into training, validation and test part."""

from resnet_depth.base import cli
from resnet_depth.base.sections import load_section
from resnet_depth.data.download.settings import DatasetSettings
from resnet_depth.data.preparation.prepare import prepare
from resnet_depth.data.preparation.settings import PrepareSettings


def main(
    params: cli.ParamsFile, dataset: cli.DatasetKey, raw: cli.RawFolder, out: cli.OutFolder
) -> None:
    """Write the arrays of the three parts, and dataset.json which says what they are."""
    settings = load_section(params, f"datasets.{dataset}", DatasetSettings)
    prepare(dataset, settings, load_section(params, "prepare", PrepareSettings), raw, out)


if __name__ == "__main__":
    cli.run(main)
