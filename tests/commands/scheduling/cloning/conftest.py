"""Studies whose trainings can start, each made once; tests work on copies."""

import pytest
from given.shared_toy import MACHINE, SharedToy

from resnet_depth.commands.scheduling.cloning import clones


@pytest.fixture(scope="session")
def prepared(tmp_path_factory):
    return SharedToy(tmp_path_factory.mktemp("shared")).prepare()


@pytest.fixture
def toy(prepared, tmp_path, monkeypatch):
    """A study with two trainings to run, and workers that needn't ask for their machine class."""
    monkeypatch.setattr(clones, "worker_machine", lambda: MACHINE)
    return prepared.copy(tmp_path)


@pytest.fixture(scope="session")
def trained(prepared, tmp_path_factory):
    """Another one, and the outcomes of its two trainings, which aren't recorded yet."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clones, "worker_machine", lambda: MACHINE)
        toy = prepared.copy(tmp_path_factory.mktemp("trained"))
        run = toy.runner()
        return toy, [run(toy.task(f"train@toy-plain-18-{seed}")) for seed in (0, 1)]
