"""Fixtures that several tests share, and which process runs which tests when."""

import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from filelock import FileLock
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

    def make(folder):
        study = make_study(folder)
        said = study.dvc("repro", "report@tiny")
        study.commit("Run")
        return said

    folder, said = made_once(tmp_path_factory, "finished", make)
    return Study(folder / "a study", folder / "images", said)


@pytest.fixture(scope="session")
def one_depth(finished, tmp_path_factory):
    """The tiny study after ResNet-34 was taken out: run, tidied, committed. Copy it, too."""

    def make(folder):
        study = finished.copy(folder)
        study.edit_params(lambda params: params["study"].update(depths=[18]))
        study.dvc("repro", "report@tiny")
        said = study.tidy()
        study.commit("One depth")
        return said

    folder, said = made_once(tmp_path_factory, "one depth", make)
    return Study(folder / "a copy", finished.images, said)


def made_once(tmp_path_factory, name, make):
    """Let the first process that needs a folder make it; return it and what `make` returned."""
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent
    folder, said = shared / name, shared / f"{name}.txt"
    with FileLock(shared / f"{name}.lock"):
        if not said.exists():
            shutil.rmtree(folder, ignore_errors=True)
            said.write_text(make(folder), encoding="utf-8")
    return folder, said.read_text(encoding="utf-8")


# Rooms whose tests last: they start first, so that both processes end together.
LONG = ("report", "training", "latency", "networks", "commands")


def pytest_collection_modifyitems(items):
    """Keep the tests of a file in one process, for they share its fixtures, and order them.

    Tests of the tiny study go wherever there is room. One of them comes first, to make it.
    """
    with_study = [item for item in items if {"finished", "one_depth"} & set(item.fixturenames)]
    for item in items:
        if item not in with_study and not item.get_closest_marker("xdist_group"):
            item.add_marker(pytest.mark.xdist_group(str(item.path.relative_to(ROOT))))

    def turn(item):
        if item in with_study:
            return 0 if item is with_study[0] else 2
        room = item.path.relative_to(ROOT / "tests").parts[0]
        return 1 if room in LONG else 3

    items.sort(key=turn)
