"""A training small enough for a test: the reference recipe, one epoch of batches of 16 images."""

from pathlib import Path

from resnet_depth.runs.names import Run
from resnet_depth.training.result import Job
from resnet_depth.training.settings import REFERENCE, RecipeSettings, TrainSettings, load_recipe

PARAMS = Path(__file__).parents[2] / "params.yaml"


def small_job(depth=18, seed=0, threads=2, **recipe):
    """Describe a training of a network on digits; other keywords change its recipe."""
    reference = load_recipe(PARAMS, REFERENCE).model_dump()
    changes = {"epochs": 1, "batch_size": 16} | recipe
    return Job(
        dataset="digits",
        run=Run(REFERENCE, depth, seed),
        recipe=RecipeSettings.model_validate(reference | changes),
        epochs_factor=1.0,
        hardware=TrainSettings(device="cpu", threads=threads),
    )
