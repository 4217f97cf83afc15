"""Let a dataset of params.yaml belong to the study, so that DVC has stages for it."""

from resnet_depth.base import cli
from resnet_depth.commands import options
from resnet_depth.commands.reproducing.look import look
from resnet_depth.commands.studying.join import join


def main(root: options.RootFolder, dataset: cli.DatasetKey) -> None:
    """Check all settings; add the dataset's key to `study.datasets` where it is missing."""
    look(root)
    params = root / "params.yaml"
    if join(params, dataset):
        print(f"{params}: added '- {dataset}' to study.datasets")


if __name__ == "__main__":
    cli.run(main)
