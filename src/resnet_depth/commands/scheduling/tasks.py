"""What a worker is given and what it gives back: plain values, which another process can read."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Task:
    """A stage instance that is to run.

    `name` is what DVC calls it, such as train@digits-reference-18-0. `entries` are dvc.lock's
    entries of the instances that it depends on, directly or further up, by name. What is `alone`
    runs while nothing else does, since a clock is read that others' work would slow down.
    """

    name: str
    entries: dict[str, Any]
    alone: bool


@dataclass(frozen=True)
class Outcome:
    """What a run left: dvc.lock's entry of the instance, and the machine class that ran it."""

    name: str
    entry: dict[str, Any]
    machine: str


class TaskFailed(Exception):  # noqa: N818 - says what happened
    """An instance failed; with the last line of its log and where the log is."""

    def __init__(self, name: str, last_line: str, log: str) -> None:
        """Keep all three as the exception's arguments, so that it can be pickled."""
        super().__init__(name, last_line, log)
        self.name, self.last_line, self.log = name, last_line, log

    def __str__(self) -> str:
        """Return the line that a user reads."""
        return f"{self.name} failed: {self.last_line}"
