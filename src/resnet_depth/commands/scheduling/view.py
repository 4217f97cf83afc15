"""What is queued, runs, is done and has failed: a table on a terminal, sparse lines in a log."""

import time
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Self

from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

# In a log: so long nothing is said of runs at work.
LOG_EVERY_SECONDS = 60.0
# On a terminal: so many are named of what waits, and of what has ended.
NAMED = 3


class View:
    """Shows a plan's state on stderr while it runs; a context that ends the table."""

    def __init__(
        self, total: int, progress_of: Callable[[str], str], console: Console | None = None
    ) -> None:
        """Prepare to show up to `total` runs; `progress_of` tells how far one is, in words."""
        self._total, self._progress_of = total, progress_of
        self._console = console or Console(stderr=True)
        self._live: Live | None = None
        if self._console.is_terminal:
            self._live = Live(console=self._console, auto_refresh=False, transient=True)
        self._began: dict[str, float] = {}
        self._ended: list[str] = []
        self._failed = 0
        self._said = time.monotonic()

    def __enter__(self) -> Self:
        """Begin the table, where there is a terminal."""
        if self._live:
            self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Take the table away; what ended stays on the terminal."""
        if self._live:
            self._live.stop()

    def started(self, name: str) -> None:
        """Take notice that a run began."""
        self._began[name] = time.monotonic()

    def ended(self, name: str, failure: str = "") -> None:
        """Tell that a run ended, and of a failed one why."""
        seconds = time.monotonic() - self._began[name]
        self._ended.append(name)
        self._failed += bool(failure)
        number = f"[{len(self._ended)}/{self._total}]"
        outcome = f"failed: {failure}" if failure else f"done in {_duration(seconds)}"
        self._say(f"{number} {name} {outcome}")

    def show(self, running: Sequence[str], waiting: Sequence[str]) -> None:
        """Show the state: renew the table, or say a line now and then."""
        if self._live:
            self._live.update(self._table(running, waiting), refresh=True)
        elif time.monotonic() - self._said >= LOG_EVERY_SECONDS:
            self._say(f"{self._counts(running, waiting)}; {'; '.join(map(self._state, running))}")

    def _say(self, line: str) -> None:
        self._said = time.monotonic()
        # A name in brackets would be taken for markup.
        self._console.print(Text(line), soft_wrap=True)

    def _counts(self, running: Sequence[str], waiting: Sequence[str]) -> str:
        done = len(self._ended) - self._failed
        failed = f", {self._failed} failed" if self._failed else ""
        return f"{done} done, {len(running)} running, {len(waiting)} waiting{failed}"

    def _state(self, name: str) -> str:
        seconds = time.monotonic() - self._began[name]
        return ", ".join(filter(None, (name, self._progress_of(name), _duration(seconds))))

    def _table(self, running: Sequence[str], waiting: Sequence[str]) -> Group:
        table = Table(box=None, show_header=False, pad_edge=False)
        for name in running:
            seconds = _duration(time.monotonic() - self._began[name])
            table.add_row(Text("running"), Text(name), Text(self._progress_of(name)), Text(seconds))
        for name in waiting[:NAMED]:
            table.add_row(Text("waiting"), Text(name))
        return Group(table, Text(self._counts(running, waiting)))


def _duration(seconds: float) -> str:
    """Return seconds as people write them, such as `12 s` or `3 min 05 s`."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02} s" if minutes else f"{rest} s"
