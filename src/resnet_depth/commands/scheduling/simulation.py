"""What a study takes on so many workers in clones: simulated events, from costs that were measured.

A run is a training and the evaluation of its network. A worker fetches, computes and sends; the
remote serves one transfer after the other; the coordinator takes in, as one batch, all that has
come since the last one, and hands out what has become ready.
"""

import heapq
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import count

RUNS = (300, 3000)
WORKERS = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512)


@dataclass(frozen=True)
class Costs:
    """Seconds, bytes and bytes a second; docs/workers.md says where they are from.

    `train_seconds` and `network_bytes` are of a study's depths, which have equally many runs.
    `start_seconds` is what a worker takes for its clone, and `data_bytes` what that fetches once;
    `stage_seconds` is what DVC takes for an instance there. `batch_seconds` is what a batch takes
    the coordinator, with `entry_seconds` for each entry that dvc.lock has by then and
    `outcome_seconds` for each that came in.
    """

    train_seconds: tuple[float, ...] = (254.0, 486.0, 744.0)
    network_bytes: tuple[float, ...] = (44.8e6, 85.3e6, 94.4e6)
    evaluate_seconds: float = 10.0
    data_bytes: float = 184e6
    start_seconds: float = 4.0
    stage_seconds: float = 4.0
    batch_seconds: float = 0.1
    entry_seconds: float = 5e-5
    outcome_seconds: float = 0.02
    remote_speed: float = 125e6


@dataclass(frozen=True)
class Simulated:
    """What came of it: seconds until all is recorded, and bytes moved through the remote.

    `efficiency` is the share of that time, of all workers, in which they trained and evaluated.
    `stopped_by` is what keeps it from ending sooner.
    """

    runs: int
    workers: int
    makespan: float
    efficiency: float
    moved: float
    stopped_by: str


def simulate(costs: Costs, runs: int, workers: int, *, longest_first: bool = True) -> Simulated:
    """Let so many workers do so many runs; the deepest networks first, or last."""
    cluster = _Cluster(costs, runs, workers, longest_first)
    makespan = cluster.run()
    depths = len(costs.train_seconds)
    seconds = [costs.train_seconds[index % depths] for index in range(runs)]
    computed = sum(seconds) + runs * costs.evaluate_seconds
    # None of these can take less than this, whatever happens beside it.
    least = {
        "the workers": computed / workers,
        "the longest run": max(costs.train_seconds) + costs.evaluate_seconds,
        "the coordinator": cluster.coordinator_seconds,
        "the remote": cluster.remote_seconds,
    }
    return Simulated(
        runs,
        workers,
        makespan,
        computed / (workers * makespan),
        cluster.moved,
        max(least, key=lambda name: least[name]),
    )


class _Cluster:
    """Workers, remote and coordinator, and what will happen when.

    An instance is its depth's index and whether it is a training.
    """

    def __init__(self, costs: Costs, runs: int, workers: int, longest_first: bool) -> None:
        self._costs = costs
        depths = sorted(index % len(costs.train_seconds) for index in range(runs))
        self._trainings = deque(reversed(depths) if longest_first else depths)
        self._evaluations: deque[int] = deque()
        self._idle, self._new = 0, workers
        self._events: list[tuple[float, int, Callable[[], None]]] = []
        self._numbers = count()
        self._now = self._remote_free = 0.0
        self._arrived: list[tuple[int, bool]] = []
        self._is_merging = False
        self._recorded = 0
        self.moved = self.remote_seconds = self.coordinator_seconds = 0.0

    def run(self) -> float:
        """Let everything happen; return when the last entry is recorded."""
        self._hand_out()
        while self._events:
            self._now, _, happen = heapq.heappop(self._events)
            happen()
        return self._now

    def _at(self, time: float, happen: Callable[[], None]) -> None:
        heapq.heappush(self._events, (time, next(self._numbers), happen))

    def _hand_out(self) -> None:
        while self._idle + self._new and (self._evaluations or self._trainings):
            # What follows a training is short, and sets others free.
            is_training = not self._evaluations
            depth = (self._trainings if is_training else self._evaluations).popleft()
            size = 0.0 if is_training else self._costs.network_bytes[depth]
            start = self._now
            if self._idle:
                self._idle -= 1
            else:
                self._new -= 1
                start += self._costs.start_seconds
                size += self._costs.data_bytes
            self._at(start, partial(self._fetch, depth, is_training, size))

    def _fetch(self, depth: int, is_training: bool, size: float) -> None:
        seconds = self._costs.train_seconds[depth] if is_training else self._costs.evaluate_seconds
        end = self._transferred(size) + self._costs.stage_seconds + seconds
        self._at(end, lambda: self._send(depth, is_training))

    def _send(self, depth: int, is_training: bool) -> None:
        end = self._transferred(self._costs.network_bytes[depth] if is_training else 0.0)
        self._at(end, lambda: self._arrive(depth, is_training))

    def _transferred(self, size: float) -> float:
        """Return when a transfer that is asked for now will have ended."""
        if not size:
            return self._now
        seconds = size / self._costs.remote_speed
        self._remote_free = max(self._now, self._remote_free) + seconds
        self.remote_seconds += seconds
        self.moved += size
        return self._remote_free

    def _arrive(self, depth: int, is_training: bool) -> None:
        self._idle += 1
        self._arrived.append((depth, is_training))
        self._merge()

    def _merge(self) -> None:
        if self._is_merging or not self._arrived:
            return
        self._is_merging = True
        batch, self._arrived = self._arrived, []
        self._recorded += len(batch)
        seconds = (
            self._costs.batch_seconds
            + self._costs.entry_seconds * self._recorded
            + self._costs.outcome_seconds * len(batch)
        )
        self.coordinator_seconds += seconds
        self._at(self._now + seconds, lambda: self._merged(batch))

    def _merged(self, batch: list[tuple[int, bool]]) -> None:
        self._is_merging = False
        self._evaluations.extend(depth for depth, is_training in batch if is_training)
        # One thread does both: while it merges nobody is given anything.
        self._hand_out()
        self._merge()


def table(results: Sequence[Simulated]) -> str:
    """Return simulated studies as a table for people."""
    lines = [
        f"{'runs':>6} {'workers':>8} {'hours':>8} {'efficiency':>11} {'GB moved':>9}  stopped by"
    ]
    lines += [
        f"{each.runs:>6} {each.workers:>8} {each.makespan / 3600:>8.2f} {each.efficiency:>11.3f} "
        f"{each.moved / 1e9:>9.1f}  {each.stopped_by}"
        for each in results
    ]
    return "\n".join(lines)
