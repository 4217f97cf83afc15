"""One process at a time for one run, which ends in order when it is told to or when DVC is gone.

A killed DVC leaves the stage that it started running, and the next `dvc repro` starts the same
stage again beside it. So a stage that writes for long holds a lock, and watches its parents.
"""

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import psutil
from filelock import FileLock, Timeout

from resnet_depth.base.errors import UserError
from resnet_depth.base.unchanged import dvc_stage

SHELLS = ("sh", "dash", "bash", "zsh", "fish", "ksh")
POLL_SECONDS = 0.5
# Within it the process that holds the lock notices that its DVC is gone, and ends.
PATIENCE_SECONDS = 60.0


@contextmanager
def sole_writer(lock: Path, what: str, patience: float = PATIENCE_SECONDS) -> Iterator[None]:
    """Hold a lock that no other process can hold at the same time; it ends with the process.

    Args:
        lock: The lock file; made if missing. It stays: removed, it could be held twice, as the
            file that another process has opened already and as the one made after it.
        what: What is written, for messages.
        patience: Seconds to wait for another process.

    Raises:
        UserError: If another process still holds the lock after that time.
    """
    # The soft lock, for file systems without flock, would outlive a killed process.
    held = FileLock(lock, poll_interval=POLL_SECONDS / 5, fallback_to_soft=False)
    try:
        held.acquire(blocking=False)
    except Timeout:
        print(f"{what}: waiting for another process that is at work on it", file=sys.stderr)
        try:
            held.acquire(patience)
        except Timeout:
            raise UserError(
                f"{what}: another process is at work on it ({lock} is locked); wait for it or end "
                "it, and repeat"
            ) from None
    try:
        yield
    finally:
        held.release()


class Interruption:
    """Whether this process has been asked to end: by Ctrl-C, by SIGTERM, or by the end of DVC.

    Work that lasts looks at `requested` where it can stop and lose nothing. A second signal ends
    the process at once.
    """

    requested = False

    def request(self, _signal: int = 0, _frame: FrameType | None = None) -> None:
        """Ask; the second time, don't ask."""
        if self.requested:
            raise KeyboardInterrupt
        self.requested = True


@contextmanager
def interruption() -> Iterator[Interruption]:
    """Yield what the signals to this process, or the end of the DVC that started it, set.

    To be entered in the main thread. Where DVC didn't start the process, no parent is watched.
    """
    asked, done = Interruption(), threading.Event()
    numbers = (signal.SIGINT, signal.SIGTERM)
    before = {number: signal.signal(number, asked.request) for number in numbers}
    if dvc_stage():
        threading.Thread(target=_watch, args=(_starters(), asked, done), daemon=True).start()
    try:
        yield asked
    finally:
        done.set()
        for number, handler in before.items():
            signal.signal(number, handler)


def _starters() -> list[psutil.Process]:
    """Return the processes up to the one that started this, which is no shell."""
    starters = []
    for process in psutil.Process().parents():
        starters.append(process)
        if process.name() not in SHELLS:
            break
    return starters


def _watch(starters: list[psutil.Process], asked: Interruption, done: threading.Event) -> None:
    while not done.wait(POLL_SECONDS):
        if not all(map(_alive, starters)):
            asked.requested = True
            return


def _alive(process: psutil.Process) -> bool:
    """Return whether a process runs; one that ended and that nobody has asked for yet doesn't."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
