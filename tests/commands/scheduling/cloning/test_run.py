"""A whole study in clones gives what one `dvc repro` gives, and what can't be is told at once."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from given.shared_toy import MACHINE

from resnet_depth.base.errors import UserError
from resnet_depth.commands.scheduling.cloning import run as run_module
from resnet_depth.commands.scheduling.cloning.clones import never
from resnet_depth.commands.scheduling.cloning.run import Workers, run_in_clones

# Of DVC, which builds its index here in the process of the tests.
pytestmark = pytest.mark.filterwarnings("ignore:_NoneStep.value:DeprecationWarning")

# As the main module of a process, with the study's folder as the current one.
PROGRAM = """
from pathlib import Path
from resnet_depth.commands.scheduling.cloning.run import Workers, run_in_clones

if __name__ == "__main__":
    run_in_clones(Path(), "report@toy", Workers(local=2), keep_going=False, dry=False)
"""


class Threads(Workers):
    """Three workers without Dask, as threads."""

    @contextmanager
    def executor(self):
        with ThreadPoolExecutor(3) as pool:
            yield pool, 3


@pytest.fixture
def here(toy, tmp_path, monkeypatch):
    """The study, whose own runs and clones find what they need without asking the machine."""
    monkeypatch.setattr(run_module, "own_machine", lambda: MACHINE)
    # DVC looks for a target's dvc.yaml where it is called, which is where make is.
    monkeypatch.chdir(toy.folder)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return toy


def run(toy, *, dry=False, workers=None):
    workers = workers or Threads(local=3, stopped=never)
    run_in_clones(toy.folder, "report@toy", workers, keep_going=False, dry=dry)


def test_three_workers_in_clones_give_the_lock_and_outputs_of_a_serial_run(here, tmp_path):
    serial = here.copy(tmp_path / "serial")
    serial.dvc("repro", "report@toy")

    run(here)

    assert here.sorted_lock() == serial.sorted_lock()
    for result in ("metrics/toy.txt", "plots/toy.txt"):
        assert (here.folder / result).read_bytes() == (serial.folder / result).read_bytes()
    # Nothing is left to run, and what only clones have had comes by the remote.
    here.dvc("pull")
    assert "up to date" in here.dvc("status", "--with-deps", "report@toy")
    here.forget_runs()
    run(here)
    assert here.ran() == []


@pytest.mark.slow
def test_dasks_workers_give_the_lock_of_a_serial_run(toy, tmp_path, monkeypatch):
    pytest.importorskip("distributed", reason="pip install -r requirements-workers.lock")
    serial = toy.copy(tmp_path / "serial")
    serial.dvc("repro", "report@toy")

    monkeypatch.setenv("TMPDIR", str(tmp_path))
    said = toy.run("-c", PROGRAM).stdout

    assert "plan: 7 of 9 instances to run, 2 at once" in said
    assert toy.sorted_lock() == serial.sorted_lock()


def test_what_would_run_is_told_and_nothing_runs(here, capsys):
    run(here, dry=True)

    said = capsys.readouterr().out
    assert said.startswith("plan: 7 of 9 instances to run, 3 at once\n")
    assert here.begun_in_clones() == []


def test_a_change_that_is_not_committed_is_refused(here):
    here.edit_params(lambda params: params["evaluate"].update(value=1))

    with pytest.raises(UserError, match=r"^params\.yaml: not committed"):
        run(here)


def test_without_a_remote_it_is_told_how_to_name_one(here):
    (here.folder / ".dvc" / "config.local").unlink()

    with pytest.raises(UserError, match="dvc remote add --default NAME URL"):
        run(here)


@pytest.mark.parametrize("options", [{}, {"scheduler": "tcp://127.0.0.1:1", "local": 2}])
def test_one_kind_of_worker_is_asked_for(options):
    with pytest.raises(UserError, match="one of --scheduler and --local-cluster"):
        Workers(**options)
