"""Progress of long work: a bar on a terminal, sparse lines in a log.

Both show the rate and the time left. They go to stderr, so that stdout stays for results.
"""

import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

LOG_EVERY_SECONDS = 15.0


class Advance(Protocol):
    """Called with how many units were done since the last call, and optionally a short note."""

    def __call__(self, done: int, note: str = "") -> None:
        """Count `done` more units; show `note` beside them from now on if there is one."""


def progress(title: str, total: int, unit: str, done: int = 0) -> AbstractContextManager[Advance]:
    """Return the display, which gives the function that counts progress.

    Args:
        title: What is being done, such as `digits resnet18-seed0`.
        total: How many units there are in all.
        unit: Their name in the plural, such as `images` or `bytes`.
        done: How many of them were done before, which says nothing of the rate.
    """
    console = Console(stderr=True)
    return (_bar if console.is_terminal else _log)(console, title, total, unit, done)


@contextmanager
def _bar(console: Console, title: str, total: int, unit: str, before: int) -> Iterator[Advance]:
    columns = (
        # A file's name may have brackets, which would be taken for markup.
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
        TextColumn("{task.fields[note]}", markup=False),
    )
    with Progress(*columns, console=console) as bar:
        task = bar.add_task(title, total=total, completed=before, rate="", note="")
        start, count, shown = time.monotonic(), 0, ""

        def advance(done: int, note: str = "") -> None:
            nonlocal count, shown
            count += done
            shown = note or shown
            rate = count / max(time.monotonic() - start, 1e-9)
            bar.update(task, advance=done, rate=f"{_rounded(rate)} {unit}/s", note=shown)

        yield advance


@contextmanager
def _log(console: Console, title: str, total: int, unit: str, before: int) -> Iterator[Advance]:
    start = last = time.monotonic()
    count = said = 0

    def say(note: str) -> None:
        nonlocal last, said
        last, said = time.monotonic(), count
        rate = count / max(last - start, 1e-9)
        done = before + count
        left = (total - done) / max(rate, 1e-9)
        pace = f"{_rounded(rate)}/s, {left:.0f} s left"
        line = f"{title}: {done / total:4.0%} of {total:,} {unit}, {pace}"
        console.out(f"{line}{', ' + note if note else ''}", highlight=False)

    def advance(done: int, note: str = "") -> None:
        nonlocal count
        count += done
        if note or time.monotonic() - last >= LOG_EVERY_SECONDS:
            say(note)

    yield advance
    if said < count:
        say("")


def _rounded(rate: float) -> str:
    """Return a rate, with a decimal where it is small."""
    return f"{rate:,.0f}" if rate >= 10 else f"{rate:.1f}"
