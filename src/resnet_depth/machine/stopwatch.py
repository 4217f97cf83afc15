"""How long work took, and how much of the machine others used meanwhile."""

import os
import time

import psutil

# Above this share of the machine's processor time spent by others, a timing isn't its own.
SHARED_ABOVE = 0.10


class Stopwatch:
    """Wall time of a piece of work, and how much of the machine others used meanwhile."""

    def __init__(self, seconds: float = 0.0, other_seconds: float = 0.0) -> None:
        """Start the watch, maybe on top of another one's `reading`."""
        self._wall = time.perf_counter() - seconds
        self._machine = _machine_busy_seconds() - other_seconds
        self._own = _own_busy_seconds()

    @property
    def seconds(self) -> float:
        """Wall seconds since the start."""
        return time.perf_counter() - self._wall

    def reading(self) -> dict[str, float]:
        """Return wall seconds, and processor seconds used by others, to go on from later."""
        others = (_machine_busy_seconds() - self._machine) - (_own_busy_seconds() - self._own)
        return {"seconds": self.seconds, "other_seconds": max(0.0, others)}

    def other_load(self) -> float:
        """Return the fraction of all processor time since the start that others used, in [0, 1].

        Others are all processes but this one and its children. On a virtual machine this also
        counts time that the host gave to another guest, where the system tells it.
        """
        reading = self.reading()
        capacity = max(reading["seconds"], 1e-9) * (os.cpu_count() or 1)
        return min(1.0, reading["other_seconds"] / capacity)

    def shared(self) -> bool:
        """Return whether others used so much that the time shouldn't count as this work's own."""
        return self.other_load() > SHARED_ABOVE


def _machine_busy_seconds() -> float:
    """Return the processor seconds, over all cores since boot, in which somebody worked."""
    times = psutil.cpu_times()._asdict()
    # Linux counts guest time within user time already.
    idle = ("idle", "iowait", "guest", "guest_nice")
    return float(sum(seconds for name, seconds in times.items() if name not in idle))


def _own_busy_seconds() -> float:
    """Return the processor seconds of this process and its finished children."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system
