"""Runs in clones, which need share nothing with the coordinator but git and DVC's remote.

A run gets what it reads through the remote and gives what it writes to the remote. dvc.lock's entry
of it is handed back, and the coordinator puts it into the one dvc.lock.
"""

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dvc.repo import Repo
from dvc_data.hashfile.hash_info import HashInfo
from dvc_data.hashfile.tree import Tree

from resnet_depth.base.errors import UserError
from resnet_depth.base.files import read_json, write_json
from resnet_depth.commands.reproducing.whole_lock import LOCK, TEMPORARY, modify_whole
from resnet_depth.commands.scheduling.cloning.clone_folders import default_home, own_clone
from resnet_depth.commands.scheduling.cloning.machine_classes import differences, own_machine
from resnet_depth.commands.scheduling.cloning.remote import PATIENCE, bring, opened, send
from resnet_depth.commands.scheduling.here import own_python, recorded
from resnet_depth.commands.scheduling.logs import last_line, log_of, progress_in
from resnet_depth.commands.scheduling.tasks import Outcome, Task, TaskFailed

DVC = (sys.executable, "-m", "resnet_depth.commands.reproducing", "dvc", "--root", ".")
# Numbers of threads decide bytes. A cluster's worker may have set them for its own purposes.
THREAD_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
POLL_SECONDS = 0.5
# What the clone ran last.
LAST = TEMPORARY / "last.json"


def never() -> bool:
    """Return False: nobody asks a run to stop."""
    return False


def to_nobody(name: str, progress: str) -> None:
    """Tell nobody how far a run is."""


def thread_variables() -> dict[str, str]:
    """Return those environment variables of this process that set numbers of threads."""
    return {name: os.environ[name] for name in THREAD_VARIABLES if name in os.environ}


@dataclass(frozen=True)
class InClone:
    """Runs instances in clones of a commit; plain values, which any executor can send to a worker.

    `source` is the repository, a path or URL; `commit` has 40 digits. `remote` are the settings of
    DVC's remote. `threads` are the coordinator's `thread_variables`, `checkpoints` a folder that
    all workers see, `home` the folder of the clones where that isn't `default_home`. A remote that
    can't be used is tried again for `patience` seconds. `machine` is the machine class that alone
    is accepted, as `own_machine` has it; None for any. `stopped` tells, while a run lasts, that
    nobody wants it any more; `tell` is told an instance's name and how far it is, in words.
    """

    source: str
    commit: str
    remote: Mapping[str, str]
    threads: Mapping[str, str] = field(default_factory=dict)
    checkpoints: Path | None = None
    home: Path | None = None
    patience: float = PATIENCE
    machine: str | None = None
    stopped: Callable[[], bool] = never
    tell: Callable[[str, str], None] = to_nobody

    def __call__(self, task: Task) -> Outcome:
        """Run an instance in a clone that nobody else uses; return its entry of dvc.lock.

        Raises:
            TaskFailed: If the run fails, there is no clone, or the remote can't be used.
        """
        home = self.home or default_home()
        try:
            if self.machine and (others := differences(own_machine(), self.machine)):
                raise UserError(f"a machine of another class, {'; '.join(others)}")
            with own_clone(home, self.source, self.commit, self.remote, self.checkpoints) as folder:
                return self._run_in(folder, task)
        except (UserError, OSError) as error:
            raise TaskFailed(task.name, str(error), f"{socket.gethostname()}:{home}") from error

    def _run_in(self, folder: Path, task: Task) -> Outcome:
        _forget_last(folder, task)
        with modify_whole(folder / LOCK) as content:
            content.clear()
            content.update(schema="2.0", stages=dict(task.entries))
        bring(folder, task.name, task.entries, self.patience)
        log = log_of(folder, task.name)
        log.parent.mkdir(exist_ok=True)
        status = self._dvc(folder, task.name, log)
        entry = recorded(folder / LOCK, task.name) if status == 0 else None
        if entry is None:
            line = "stopped" if self.stopped() else last_line(log)
            raise TaskFailed(task.name, line, f"{socket.gethostname()}:{log}")
        write_json(folder / LAST, {"name": task.name, "entry": entry})
        send(folder, [task.name], self.patience)
        return Outcome(task.name, entry, own_machine())

    def _dvc(self, folder: Path, name: str, log: Path) -> int:
        """Run DVC; return its status. It ends with this process, or when nobody wants it."""
        command = [*DVC, "--parent", str(os.getpid()), "--", "repro", "--single-item", name]
        others = {key: text for key, text in os.environ.items() if key not in THREAD_VARIABLES}
        with log.open("wb") as file:
            process = subprocess.Popen(
                command,
                cwd=folder,
                env=others | dict(self.threads) | own_python(),
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            told = ""
            while True:
                with suppress(subprocess.TimeoutExpired):
                    return process.wait(POLL_SECONDS)
                if (progress := progress_in(log)) != told:
                    self.tell(name, told := progress)
                if self.stopped():
                    # Its stage notices, and keeps a checkpoint.
                    process.terminate()


def _forget_last(folder: Path, task: Task) -> None:
    """Remove what the clone's last run wrote, unless this one is the same or reads it.

    Else a worker that runs hundreds would fill its disk. What is run once more, since it couldn't
    be handed over, is found in DVC's run-cache.
    """
    path = folder / LAST
    if not path.exists():
        return
    last: dict[str, Any] = read_json(path)
    if last["name"] == task.name or last["name"] in task.entries:
        return
    with opened(folder) as repo:
        for out in last["entry"]["outs"]:
            _remove(repo, folder / out["path"], HashInfo("md5", out["md5"]))
    path.unlink()


def _remove(repo: Repo, place: Path, info: HashInfo) -> None:
    cache_folder = repo.cache.local
    files = [info.value]
    if info.isdir and cache_folder.exists(info.value):
        files += [each.value for _, _, each in Tree.load(cache_folder, info)]
    shutil.rmtree(place) if place.is_dir() else place.unlink(missing_ok=True)
    for md5 in files:
        if cache_folder.exists(md5):
            cache_folder.delete(md5)
