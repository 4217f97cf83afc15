"""Places for runs on this machine: for so many it has cores, and each may have a GPU of its own."""

import os
import queue
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from resnet_depth.base.errors import UserError

VISIBLE = "CUDA_VISIBLE_DEVICES"


def cores() -> int:
    """Return how many processor cores this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def require_cores(jobs: int, threads: int, available: int) -> None:
    """See that so many trainings at once have a core for each of their threads.

    Threads that share a core only wait for each other; and with fewer of them a training gives
    other bytes, so that they aren't lowered here.

    Raises:
        UserError: If not.
    """
    if jobs * threads > available:
        most = available // threads
        allowed = f"JOBS={most}" if most else "none"
        raise UserError(
            f"JOBS={jobs} × train.threads={threads} are more than the {available} cores here; "
            f"allowed: {allowed}, or fewer threads in params.yaml, which decide a network's bytes"
        )


class Slots:
    """Places for runs; where there are several GPUs, each place has one of them for itself."""

    def __init__(self, jobs: int, devices: Sequence[str]) -> None:
        """Make `jobs` places on some devices, maybe none.

        Raises:
            UserError: If there are several devices, but fewer than jobs.
        """
        several = len(devices) > 1
        if several and jobs > len(devices):
            raise UserError(f"JOBS={jobs} are more than the {len(devices)} GPUs here")
        self._free: queue.SimpleQueue[dict[str, str]] = queue.SimpleQueue()
        for index in range(jobs):
            self._free.put({VISIBLE: devices[index]} if several else {})

    @contextmanager
    def one(self) -> Iterator[dict[str, str]]:
        """Wait for a free place and hold it; yield the environment variables of a run there."""
        place = self._free.get()
        try:
            yield place
        finally:
            self._free.put(place)
