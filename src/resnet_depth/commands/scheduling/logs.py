"""A log a run, which DVC and the stage write, and what can be read from it."""

import os
import re
from pathlib import Path

from resnet_depth.base.messages import told

FOLDER = ".logs"
# What DVC says of a stage that has told itself what is wrong.
_OF_DVC = re.compile(r"ERROR: failed to reproduce '.+': failed to run: |^$")
# As `base/progress` writes it.
_RATE = re.compile(r": +\d+% of .+?, ([\d.,]+/s), ")
_EPOCH = re.compile(r", (epoch \d+/\d+)\b")
# So much of a log's end is read.
_END = 8192


def log_of(root: Path, name: str) -> Path:
    """Return the place of an instance's log."""
    return root / FOLDER / f"{name}.log"


def last_line(log: Path) -> str:
    """Return the last line of a log that says something, DVC's verdict on the stage left aside."""
    lines = [line.strip() for line in _end(log)]
    telling = [line for line in lines if not _OF_DVC.match(line)]
    return told((telling or [line for line in lines if line] or ["it said nothing"])[-1])


def progress_in(log: Path) -> str:
    """Return how far a run is, such as `epoch 3/5, 366/s`; nothing where its log has no rate."""
    epoch = rate = ""
    for line in _end(log):
        if found := _RATE.search(line):
            rate = found[1]
            # Said at its end only.
            epoch = said[1] if (said := _EPOCH.search(line)) else epoch
    return f"{epoch}, {rate}" if epoch else rate


def _end(log: Path) -> list[str]:
    """Return the last lines of a log; none if it isn't there yet."""
    if not log.is_file():
        return []
    with log.open("rb") as file:
        file.seek(max(0, file.seek(0, os.SEEK_END) - _END))
        # A part of a character may stand at the beginning.
        return file.read().decode("utf-8", "replace").splitlines()
