"""A training small enough for a test: the project's recipe, on batches of 16 images."""

from pathlib import Path

from resnet_depth.base.sections import load_section
from resnet_depth.runs.names import Run
from resnet_depth.training.result import Job
from resnet_depth.training.settings import TrainSettings, load_recipe

PARAMS = Path(__file__).parents[2] / "params.yaml"


def small_job(depth=18, seed=0, **recipe):
    """Describe a training of a network on digits; keywords change its recipe."""
    changes = {"epochs": 1, "batch_size": 16} | recipe
    hardware = load_section(PARAMS, "train", TrainSettings).model_copy(update={"device": "cpu"})
    return Job(
        dataset="digits",
        run=Run("reference", depth, seed),
        recipe=load_recipe(PARAMS, "reference").model_copy(update=changes),
        epochs_factor=1.0,
        hardware=hardware,
    )
