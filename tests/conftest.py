"""Fixtures that several tests share, and which process runs which tests when.

They import what they need when they are asked for: a room without torch is tested without it.
"""

import os
import shutil
from pathlib import Path

import pytest
from filelock import FileLock

# Read when torch is loaded: threads that wait for each other by spinning slow each other down as
# soon as anything else runs on the machine.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")
# There are as many processes as a small machine has cores. What asks for threads still gets them.
for library in ("OMP", "OPENBLAS"):
    os.environ.setdefault(f"{library}_NUM_THREADS", "1")

TESTS = Path(__file__).parent
# Rooms whose tests last: they start first, so that both processes end together.
LONG = ("report", "training", "deployment", "networks", "commands")
# Files whose tests go wherever there is room.
SPREAD = ("pipeline/test_pipeline.py", "networks/test_compaction.py")
# Fixtures that are studies which DVC ran: a test that needs one is marked `study`.
STUDIES = {"finished", "one_depth", "prepared_toy"}


@pytest.fixture(scope="session")
def training_part():
    from given.digit_images import digit_images

    return digit_images(0, 60)


@pytest.fixture(scope="session")
def validation_part():
    from given.digit_images import digit_images

    return digit_images(60, 20)


@pytest.fixture(scope="session")
def make_job():
    """Return a function that describes a small training; keywords change its recipe."""
    from given.small_job import small_job

    return small_job


@pytest.fixture(scope="session")
def exported(tmp_path_factory):
    """A small network that has been exported. Work on a copy of its folders."""
    from given.exported_network import make_exported

    return make_exported(tmp_path_factory.mktemp("exported"))


@pytest.fixture(scope="session")
def finished(tmp_path_factory):
    """A tiny study that has been run and committed. Work on a copy of it."""
    from given.tiny_study import Study, make_study

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
    return type(finished)(folder / "a copy", finished.images, said)


@pytest.fixture(scope="session")
def prepared_toy(tmp_path_factory):
    """A study of shell stages with a remote, whose trainings are next. Work on a copy."""
    from given.shared_toy import SharedToy

    return SharedToy(tmp_path_factory.mktemp("prepared")).prepare()


@pytest.fixture
def toy(prepared_toy, tmp_path, monkeypatch):
    """A copy of it, and workers that needn't ask of which class the machine is."""
    from given.shared_toy import MACHINE

    from resnet_depth.commands.scheduling.cloning import clones

    monkeypatch.setattr(clones, "own_machine", lambda: MACHINE)
    return prepared_toy.copy(tmp_path)


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


def pytest_itemcollected(item):
    """Mark what needs a study that DVC ran, whatever file it is in."""
    if STUDIES & set(item.fixturenames):
        item.add_marker("study")


@pytest.hookimpl(trylast=True)  # Of those that are left to run.
def pytest_collection_modifyitems(items):
    """Let tests that last come early, and first of all a file that makes the tiny study."""
    with_study = [item for item in items if {"finished", "one_depth"} & set(item.fixturenames)]
    first = with_study[0].path if with_study else None

    def turn(item):
        if item.path == first:
            return 0
        if item in with_study:
            return 2
        return 1 if item.path.relative_to(TESTS).parts[0] in LONG else 3

    items.sort(key=turn)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Keep the tests of a file in one process, for they share its fixtures, but for SPREAD."""
    from xdist.scheduler import LoadFileScheduling

    class Scheduling(LoadFileScheduling):
        def _split_scope(self, nodeid):
            file = super()._split_scope(nodeid)
            return nodeid if file.endswith(SPREAD) else file

    return Scheduling(config, log)
