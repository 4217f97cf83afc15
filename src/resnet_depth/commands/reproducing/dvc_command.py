"""DVC, run as a person would; it waits for another of its commands instead of giving up.

DVC lets go of its lock while a stage runs and has three seconds to take it again, without
`--wait-for-lock`: then the stage's result is lost.
"""

import errno
import logging
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from shutil import disk_usage

from dvc import dvcfile
from dvc.cli import main
from dvc.dirs import site_cache_dir
from dvc.stage.exceptions import StageCmdFailedError

from resnet_depth.base.errors import UserError
from resnet_depth.base.faults import REMEDIES
from resnet_depth.commands.reproducing.look import look
from resnet_depth.commands.reproducing.whole_lock import keep, modify_whole
from resnet_depth.training.single_run import POLL_SECONDS

DVC = (sys.executable, "-m", "dvc", "--wait-for-lock")
# What ends a process that has no more memory: the kernel by the first; by the others its own code,
# which wrote where it was given nothing, or found nobody to tell.
ENDS_OF_MEMORY = (signal.SIGKILL, signal.SIGSEGV, signal.SIGBUS, signal.SIGABRT)


def be_dvc(root: Path, arguments: Sequence[str]) -> int:
    """Run DVC in this process, which is in the folder `root`; return its exit status.

    It replaces dvc.lock in one step, and a copy is kept when it ends.

    Raises:
        UserError: If DVC can't work here, see `look`.
        OSError, MemoryError: As `run_main` does.
    """
    look(root)
    status = run_main(root, arguments)
    keep(root)
    return status


def run_main(root: Path, arguments: Sequence[str]) -> int:
    """Run DVC as `be_dvc` does, where others look at what is in its way and keep a copy.

    Raises:
        OSError: What the system refused to DVC, which has told of it without saying where.
        MemoryError: If a stage was ended by a signal as the want of memory sends it. What is so
            ended says nothing itself.
    """
    # The one of DVC's functions that writes dvc.lock after a stage.
    dvcfile.modify_yaml = lambda path, fs: modify_whole(Path(path))  # noqa: ARG005
    told = _Told()
    logging.getLogger("dvc").addHandler(told)
    status = main([*DVC[3:], *arguments])
    if status and told.refusal:
        raise _located(told.refusal, root)
    if status and told.end:
        raise MemoryError(told.end)
    return int(status)


class _Told(logging.Handler):
    """Listens to what DVC tells, for what a disk or the memory refused to it or to a stage."""

    refusal: OSError | sqlite3.OperationalError | None = None
    end: str | None = None

    def emit(self, record: logging.LogRecord) -> None:
        """Look at an exception and at what it came from."""
        error = record.exc_info[1] if record.exc_info else None
        while error:
            if isinstance(error, StageCmdFailedError):
                # With --keep-going there may be several.
                self.end = _end_of_memory(error) or self.end
            # One that names a file isn't given up for what it came from.
            named = isinstance(self.refusal, OSError) and self.refusal.filename
            if isinstance(error, OSError) and error.errno in REMEDIES and not named:
                self.refusal = error
            if isinstance(error, sqlite3.OperationalError):
                self.refusal = error
            error = error.__cause__ or error.__context__


def _end_of_memory(error: StageCmdFailedError) -> str | None:
    """Return in words that a stage was ended as where memory ends; None for other ends.

    Which stage it was DVC has told by then.
    """
    status = int(str(error).rpartition(" ")[2])
    # A shell adds 128 to the number of the signal that ended what it had started.
    number = -status if status < 0 else status - 128
    if number not in ENDS_OF_MEMORY:
        return None
    return f"it is the likely cause of the stage's end by {signal.Signals(number).name}"


def _located(refusal: OSError | sqlite3.OperationalError, root: Path) -> OSError:
    """Return what a disk refused to DVC as an error that names a file or folder."""
    if isinstance(refusal, sqlite3.OperationalError):
        # Of the files that DVC has seen, whatever is wrong there.
        return OSError(errno.EIO, str(refusal), site_cache_dir())
    places = (each for each in (root / ".dvc" / "cache", root / ".dvc") if each.is_dir())
    fullest = min(places, key=lambda each: disk_usage(each).free)
    place = Path(refusal.filename or fullest)
    with suppress(ValueError):
        place = place.relative_to(root.resolve())
    return OSError(refusal.errno, refusal.strerror, str(place))


def end_with(parent: int | None) -> None:
    """Let this process end when its parent, if one is named, is gone, or was before, as by SIGTERM.

    Killed outright, make tells nobody. A stage at work ends when its DVC does.
    """
    if parent is None:
        return

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(POLL_SECONDS)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, daemon=True).start()


def run_dvc(
    folder: Path,
    *arguments: str,
    environment: Mapping[str, str] | None = None,
    check: bool = True,
    where: str = "",
) -> str:
    """Run DVC in a folder, showing its output; return what it wrote to stdout.

    It sees the variables of `environment` beside this process's own, and the stages that it starts
    find this process's Python.

    Raises:
        UserError: If DVC ends with an error, and `check`; `where` goes on after "failed".
    """
    sys.stdout.flush()
    lines = []
    with subprocess.Popen(
        [*DVC, *arguments],
        cwd=folder,
        env=os.environ | dict(environment or {}) | {"PATH": own_path()},
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            print(line, end="", flush=True)
            lines.append(line)
    if check and process.returncode:
        raise UserError(f"dvc {' '.join(arguments)} failed{where}")
    return "".join(lines)


def own_path() -> str:
    """Return a PATH by which stages find this process's Python first."""
    return f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
