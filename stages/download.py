"""DVC stage `download`: get a dataset from outside and verify it."""

from resnet_depth.base import cli
from resnet_depth.base.sections import load_section
from resnet_depth.data.download.download import download
from resnet_depth.data.download.settings import DatasetSettings
from resnet_depth.data.fetching.settings import load_limits
from resnet_depth.data.fetching.sources import source_of


def main(
    params: cli.ParamsFile,
    dataset: cli.DatasetKey,
    partial: cli.PartialFile,
    out: cli.OutFolder,
) -> None:
    """Write the raw files of a dataset, once their content has the digest in the settings.

    The environment variable <KEY>_SOURCE, such as CIFAR10_SOURCE, says where to take them: for
    the kind cifar10 the one file or URL of the archive, in place of the hosts in the settings;
    for the kind image_folder a folder or tar with train/<class>/<image> and test/<class>/<image>.
    """
    settings = load_section(params, f"datasets.{dataset}", DatasetSettings)
    download(dataset, settings, source_of(dataset), partial, out, load_limits(params))


if __name__ == "__main__":
    cli.run(main)
