"""Fixtures that several tests share: a few real images, and a small job to train on them."""

import os
from pathlib import Path

import numpy as np
import pytest
from given.tiny_study import Study, make_study
from sklearn.datasets import load_digits

# Read when torch is loaded: threads that wait for each other by spinning slow each other down as
# soon as anything else runs on the machine.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")

from resnet_depth.base.sections import load_section
from resnet_depth.data.prepared import Part
from resnet_depth.networks.settings import ModelSettings
from resnet_depth.runs.names import Run
from resnet_depth.training.result import Job
from resnet_depth.training.settings import TrainSettings

ROOT = Path(__file__).parents[1]
PARAMS = ROOT / "params.yaml"


def digit_images(start, count):
    """Handwritten digits as the pipeline prepares them, only enlarged by repetition."""
    digits = load_digits()
    grey = np.round(digits.images[start : start + count] * (255 / 16)).astype(np.uint8)
    large = grey.repeat(4, axis=1).repeat(4, axis=2)
    images = np.ascontiguousarray(np.broadcast_to(large[..., None], (*large.shape, 3)))
    return Part(images, digits.target[start : start + count].astype(np.uint8))


@pytest.fixture(scope="session")
def training_part():
    return digit_images(0, 60)


@pytest.fixture(scope="session")
def validation_part():
    return digit_images(60, 20)


@pytest.fixture(scope="session")
def make_job():
    """Return a function that describes a small training; keywords change its recipe."""

    def make(depth=18, seed=0, epochs=1, stem="imagenet", **recipe):
        settings = load_section(PARAMS, "train", TrainSettings)
        changes = {"device": "cpu", "batch_size": 16} | recipe
        return Job(
            dataset="digits",
            run=Run(depth, seed),
            epochs=epochs,
            model=ModelSettings(stem=stem, weights="none", freeze="none"),
            recipe=settings.model_copy(update=changes),
        )

    return make


@pytest.fixture(scope="session")
def finished(tmp_path_factory):
    """A tiny study that has been run and committed. Work on a copy of it."""
    study = make_study(tmp_path_factory.mktemp("finished"))
    said = study.dvc("repro", "report@tiny")
    study.commit("Run")
    return Study(study.folder, study.images, said)
