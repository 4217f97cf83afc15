"""A whole study in clones gives what one `dvc repro` gives, and what can't be is told at once."""

import shutil
import signal
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import pytest
from given.git import git
from given.shared_toy import MACHINE
from given.waiting import PATIENCE, until

from resnet_depth.base.errors import UserError
from resnet_depth.commands.scheduling.cloning import run as run_module
from resnet_depth.commands.scheduling.cloning.clones import never, to_nobody
from resnet_depth.commands.scheduling.cloning.run import Workers, run_in_clones
from resnet_depth.commands.scheduling.view import View

# Of DVC, which builds its index here in the process of the tests.
pytestmark = pytest.mark.filterwarnings("ignore:_NoneStep.value:DeprecationWarning")

ROOT = Path(__file__).parents[4]
# As the main module of a process, with the study's folder as the current one.
PROGRAM = """
from pathlib import Path
from resnet_depth.commands.scheduling.cloning.run import Workers, run_in_clones

if __name__ == "__main__":
    run_in_clones(Path(), "report@toy", Workers(local=2), keep_going=False, dry=False)
"""

CLONES = ("-m", "resnet_depth.commands.scheduling", "clones", "--root=.", "--dataset=toy")
CLONES += ("--scheduler",)


class Threads(Workers):
    """Three workers without Dask, as threads."""

    @contextmanager
    def executor(self, heard):
        heard("train@toy-plain-18-0", "epoch 2/5, 1,366/s")
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
    workers = workers or Threads(local=3, stopped=never, tell=to_nobody)
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


def test_what_is_recorded_but_nowhere_to_be_had_runs_again(here, tmp_path, capsys):
    serial = here.copy(tmp_path / "serial")
    serial.dvc("repro", "report@toy")
    # As in a clone of what nobody has sent.
    shutil.copy(serial.folder / "dvc.lock", here.folder)
    shutil.rmtree(here.folder / ".dvc" / "cache")
    shutil.rmtree(here.remote)
    here.remote.mkdir()

    run(here)

    assert "[9/9] report@toy done" in capsys.readouterr().err
    assert here.sorted_lock() == serial.sorted_lock()


def test_what_workers_tell_of_a_run_is_in_the_view(here, monkeypatch):
    shown = []

    def show(view, running, waiting):
        shown.extend(map(view._state, running))

    monkeypatch.setattr(View, "show", show)

    run(here)

    assert any(each.startswith("train@toy-plain-18-0, epoch 2/5, 1,366/s, ") for each in shown)


@pytest.mark.slow
def test_dasks_workers_give_the_lock_of_a_serial_run(toy, tmp_path, monkeypatch):
    pytest.importorskip("distributed", reason="pip install -r requirements-workers.lock")
    serial = toy.copy(tmp_path / "serial")
    serial.dvc("repro", "report@toy")

    monkeypatch.setenv("TMPDIR", str(tmp_path))
    said = toy.run("-c", PROGRAM).stdout

    assert "plan: 7 of 9 instances to run, 2 at once" in said
    assert toy.sorted_lock() == serial.sorted_lock()


def certificates(folder):
    """A certificate for all, signed by itself, as Dask's configuration names it."""
    subject = ("-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1")
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    files = ("-keyout", str(key), "-out", str(certificate))
    command = ("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", *subject, *files)
    subprocess.run(command, check=True, capture_output=True)
    names = {"CA_FILE": certificate}
    for role in ("SCHEDULER", "WORKER", "CLIENT"):
        names |= {f"{role}__CERT": certificate, f"{role}__KEY": key}
    return {f"DASK_DISTRIBUTED__COMM__TLS__{name}": str(path) for name, path in names.items()}


@contextmanager
def cluster(scheme, toy):
    """A scheduler on loopback with a worker that takes two at once: its address and process."""
    address = f"{scheme}://127.0.0.1:{free_port()}"
    host = ("--host", "127.0.0.1", "--port", address.rsplit(":", 1)[1], "--protocol", scheme)
    dask = (sys.executable, "-m", "dask")
    with (
        subprocess.Popen([*dask, "scheduler", *host, "--no-dashboard"]) as scheduler,
        subprocess.Popen([*dask, "worker", address, "--nthreads", "2"]) as worker,
    ):
        try:
            wait_for_worker(address, toy)
            yield address, scheduler
        finally:
            worker.terminate()
            scheduler.terminate()


@pytest.fixture
def elsewhere(toy, tmp_path, monkeypatch):
    """The study, for workers that are processes of their own; a serial run of it beside it."""
    pytest.importorskip("distributed", reason="pip install -r requirements-workers.lock")
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setenv("PYTHONPATH", str(ROOT / "src"))
    serial = toy.copy(tmp_path / "serial")
    serial.dvc("repro", "report@toy")
    return toy, serial


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["tls", "tcp"])
def test_a_scheduler_on_loopback_and_its_workers_give_it_too(
    elsewhere, tmp_path, monkeypatch, scheme
):
    toy, serial = elsewhere
    if scheme == "tls" and not shutil.which("openssl"):
        pytest.skip("openssl, which makes the certificates, isn't installed")
    for name, value in certificates(tmp_path).items() if scheme == "tls" else ():
        monkeypatch.setenv(name, value)

    with cluster(scheme, toy) as (address, _):
        toy.run("-c", PROGRAM.replace("local=2", f"{address!r}"))

    assert toy.sorted_lock() == serial.sorted_lock()


@pytest.mark.slow
@pytest.mark.parametrize("lost", ["scheduler", "coordinator"])
def test_what_is_recorded_stays_where_the_scheduler_is_lost_or_ctrl_c_typed(elsewhere, lost):
    toy, serial = elsewhere
    ended, held = "evaluate@toy-plain-18-0", "train@toy-plain-18-1"
    toy.mark("hold", held)
    # So that clones have it.
    git(toy.folder, "add", "--force", "hold")
    toy.commit("One training stays at work")

    with cluster("tcp", toy) as (address, scheduler):
        with toy.begin(*CLONES, address) as coordinator:
            until(lambda: ended in toy.entries() and held in at_work(toy), patience=2 * PATIENCE)
            if lost == "scheduler":
                scheduler.kill()
            else:
                coordinator.send_signal(signal.SIGINT)
            said = coordinator.communicate(timeout=120)[0]
        until(lambda: not at_work(toy), patience=2 * PATIENCE)

    assert coordinator.returncode != 0
    assert "Traceback" not in said
    if lost == "scheduler":
        assert f"{held} failed: it was given up: it was stopped, or the scheduler is gone" in said
    else:
        assert "stopped, 2 instances done; nothing is lost" in said
    git(toy.folder, "rm", "--quiet", "--force", f"hold/{held}")
    toy.commit("It may end")
    said = toy.run("-c", PROGRAM).stdout
    assert "plan: 5 of 9 instances to run" in said
    assert toy.sorted_lock() == serial.sorted_lock()


def at_work(toy):
    """The instances whose stages run now in clones, which lie beside the study."""
    names = set()
    for process in psutil.process_iter(["cmdline", "cwd"]):
        command, place = process.info["cmdline"] or [], Path(process.info["cwd"] or "/")
        if "code/train.sh" in command and place.is_relative_to(toy.folder.parent):
            with suppress(psutil.NoSuchProcess):
                names.add(process.environ()["DVC_STAGE"])
    return names


def free_port():
    with socket.socket() as place:
        place.bind(("127.0.0.1", 0))
        return place.getsockname()[1]


def wait_for_worker(address, toy):
    """Wait until a plan finds workers there."""
    dry = PROGRAM.replace("local=2", f"{address!r}").replace("dry=False", "dry=True")
    until(lambda: toy.run("-c", dry, check=False).returncode == 0, patience=2 * PATIENCE)


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
