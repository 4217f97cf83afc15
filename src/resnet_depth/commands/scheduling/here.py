"""Runs in this workspace, each by a DVC of its own; all of them write the one dvc.lock.

DVC lets go of its lock while a stage runs, so that several can be at work side by side.
"""

import os
import re
import signal
import threading
from contextlib import suppress
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

from dvc.utils.serialize import parse_yaml

from resnet_depth.commands.reproducing.dvc_command import own_path
from resnet_depth.commands.reproducing.whole_lock import LOCK
from resnet_depth.commands.scheduling.forks import server, start_dvc
from resnet_depth.commands.scheduling.logs import last_line, log_of
from resnet_depth.commands.scheduling.slots import Slots
from resnet_depth.commands.scheduling.tasks import Outcome, Task, TaskFailed

# Nobody needs to be told of which class the machine is that the coordinator runs on itself.
OWN_MACHINE = ""


class Here:
    """Runs instances in a workspace, as many at once as there are places; called by threads."""

    def __init__(self, root: Path, slots: Slots) -> None:
        """Keep the workspace's folder."""
        self._root, self._slots = root.resolve(), slots
        self._server = server()
        self._running: list[ForkServerProcess] = []
        self._stopped = False
        self._lock = threading.Lock()

    def __call__(self, task: Task) -> Outcome:
        """Run an instance by DVC, with a log of its own; return its entry of dvc.lock.

        Raises:
            TaskFailed: If DVC fails, or ends without an entry.
        """
        log = log_of(self._root, task.name)
        log.parent.mkdir(exist_ok=True)
        with self._slots.one() as variables:
            status = self._run(task.name, log, variables)
        entry = recorded(self._root / LOCK, task.name) if status == 0 else None
        if entry is None:
            raise TaskFailed(task.name, last_line(log), str(log.relative_to(self._root)))
        return Outcome(task.name, entry, OWN_MACHINE)

    def stop(self) -> None:
        """Ask all runs to end, as Ctrl-C does: trainings keep a checkpoint. No other one starts.

        The second time they end at once.
        """
        with self._lock:
            self._stopped = True
            for number in [process.pid for process in self._running if process.pid]:
                try:
                    os.killpg(number, signal.SIGINT)
                except ProcessLookupError:
                    # It leads no group yet, or has ended by now.
                    with suppress(ProcessLookupError):
                        os.kill(number, signal.SIGINT)

    def _run(self, name: str, log: Path, variables: dict[str, str]) -> int | None:
        """Run DVC; return its status. Its processes are a group, which no terminal reaches."""
        command = ("repro", "--single-item", name)
        with self._lock:
            if self._stopped:
                return None
            variables = own_python() | variables
            process = start_dvc(self._server, self._root, command, log, variables)
            self._running.append(process)
        process.join()
        with self._lock:
            self._running.remove(process)
        return process.exitcode


def recorded(lock: Path, name: str) -> dict[str, Any] | None:
    """Return an instance's entry of dvc.lock; None if it has none.

    Only its lines are parsed, since a study's lock has thousands.
    """
    text = lock.read_text(encoding="utf-8") if lock.is_file() else ""
    found = re.search(rf"^  {re.escape(name)}:\n(?:(?:   .*)?\n)+", text, re.MULTILINE)
    return dict(parse_yaml(found[0], lock)[name]) if found else None


def own_python() -> dict[str, str]:
    """Return what lets the stages find this process's Python, and that this code."""
    return {"PATH": own_path(), "PYTHONPATH": str(Path(__file__).parents[3])}
