"""A training small enough for a test: the project's recipe, on batches of 16 images."""

from pathlib import Path

from resnet_depth.base.sections import load_section
from resnet_depth.networks.settings import ModelSettings
from resnet_depth.runs.names import Run
from resnet_depth.training.result import Job
from resnet_depth.training.settings import TrainSettings

PARAMS = Path(__file__).parents[2] / "params.yaml"


def small_job(depth=18, seed=0, epochs=1, stem="imagenet", **recipe):
    """Describe a training of a network on digits; keywords change its recipe."""
    settings = load_section(PARAMS, "train", TrainSettings)
    changes = {"device": "cpu", "batch_size": 16} | recipe
    return Job(
        dataset="digits",
        run=Run(depth, seed),
        epochs=epochs,
        model=ModelSettings(stem=stem, weights="none", freeze="none"),
        recipe=settings.model_copy(update=changes),
    )
