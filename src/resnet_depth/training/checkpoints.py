"""Checkpoints: the state of work that lasts, outside DVC's outputs, so that no kill costs it.

A checkpoint is a folder with `state.json` and two files of arrays, of which it names one. The other
is overwritten first; then state.json is replaced in one step and names that. To overwrite takes
half the time that a new file takes, and training waits for it: a tenth of a second for 200 MB.
Nothing is flushed to disk, which would take longer than the writing: after a power cut the checksum
tells that a part is missing, and the work starts over.
"""

import hashlib
import json
import math
import shutil
import sys
import zlib
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from resnet_depth.base.faults import naming

STATE_FILE = "state.json"
ARRAY_FILES = ("arrays-a.bin", "arrays-b.bin")


@dataclass(frozen=True)
class Checkpoint:
    """What to go on from: arrays without gaps in memory, and JSON-ready values."""

    arrays: Mapping[str, NDArray[Any]]
    values: Mapping[str, Any]


def key_of(**parts: Any) -> str:
    """Return a digest of all that decides the outcome of the work, given as JSON-ready values."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def code_digest() -> str:
    """Return a digest of this package's modules, as far as they are imported by now."""
    digest = hashlib.sha256()
    package = __name__.partition(".")[0]
    for name, module in sorted(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if name.partition(".")[0] == package and file:
            digest.update(name.encode())
            digest.update(Path(file).read_bytes())
    return digest.hexdigest()


class CheckpointFolder:
    """The place of one run's checkpoint, which is replaced again and again."""

    def __init__(self, folder: Path, key: str) -> None:
        """Name the place, of this run alone; a checkpoint with another `key_of` is never used."""
        self._folder = folder
        self._key = key
        self._current = ""  # The file that state.json names.

    def load(
        self, require_usable: Callable[[Checkpoint], None] = lambda _: None
    ) -> Checkpoint | None:
        """Return the last checkpoint that was saved whole with this key; None if there is none.

        A damaged one is set aside under another name, with a line on stderr; so is one that
        `require_usable` refuses by a ValueError.
        """
        state_file = self._folder / STATE_FILE
        if not state_file.exists():
            return None
        try:
            state = json.loads(state_file.read_text(encoding="utf-8"))
            if state["key"] != self._key:
                return None
            arrays = _read_arrays(self._folder / state["file"], state["arrays"], state["checksum"])
            found = Checkpoint(arrays, state["values"])
            require_usable(found)
            self._current = state["file"]
            return found
        except (OSError, ValueError, KeyError, TypeError) as error:
            aside = self._folder.with_name(f"{self._folder.name}.damaged")
            shutil.rmtree(aside, ignore_errors=True)
            self._folder.rename(aside)
            what = f"{self._folder}: damaged checkpoint ({' '.join(str(error).split())[:120]})"
            print(f"{what}, set aside as {aside.name}; starting over", file=sys.stderr)
            return None

    def save(self, checkpoint: Checkpoint, outcome: str | None = None) -> None:
        """Replace the checkpoint.

        The outcome is, of finished work, a digest that DVC records of it; see `remove_recorded`.
        """
        with naming(self._folder):
            self._folder.mkdir(parents=True, exist_ok=True)
            self._write(checkpoint, outcome)

    def _write(self, checkpoint: Checkpoint, outcome: str | None) -> None:
        # The file in use stays as it is until state.json names the other.
        name = ARRAY_FILES[1 if self._current == ARRAY_FILES[0] else 0]
        temporary = self._folder / f"{STATE_FILE}.tmp"
        state: dict[str, Any] = {
            "key": self._key,
            "outcome": outcome,
            "file": name,
            "arrays": [
                (each, array.dtype.str, array.shape) for each, array in checkpoint.arrays.items()
            ],
            "values": checkpoint.values,
        }
        try:
            state["checksum"] = _write_arrays(self._folder / name, checkpoint.arrays)
            temporary.write_text(json.dumps(state), encoding="utf-8")
            temporary.replace(self._folder / STATE_FILE)
        except OSError:
            # What can't be finished would only fill the disk.
            for half in (temporary, self._folder / name):
                with suppress(OSError):
                    half.unlink()
            raise
        self._current = name


def _write_arrays(path: Path, arrays: Mapping[str, NDArray[Any]]) -> int:
    """Write the arrays' bytes one after the other, over what is there; return the CRC-32 of all."""
    checksum = 0
    with path.open("r+b" if path.exists() else "wb") as file:
        for array in arrays.values():
            content = array.reshape(-1).view(np.uint8).data
            checksum = zlib.crc32(content, checksum)
            file.write(content)
        file.truncate()
    return checksum


def _read_arrays(
    path: Path, listed: Sequence[tuple[str, str, Sequence[int]]], checksum: int
) -> dict[str, NDArray[Any]]:
    """Return the arrays that `_write_arrays` wrote, listed as name, dtype and shape, in order.

    Raises:
        ValueError: If they aren't what was written.
    """
    arrays, found = {}, 0
    with path.open("rb") as file:
        for name, dtype, shape in listed:
            array = np.fromfile(file, dtype, math.prod(shape))
            found = zlib.crc32(array.view(np.uint8).data, found)
            arrays[name] = array.reshape(shape)
        if found != checksum or file.read(1):
            raise ValueError(f"{path.name} isn't what was written")
    return arrays


def remove_recorded(root: Path, lock: Path) -> None:
    """Remove the checkpoints of finished work that dvc.lock has; nothing can cost it any more.

    Both the folder of all checkpoints and the lock may be missing.
    """
    recorded = lock.read_text(encoding="utf-8") if lock.is_file() else ""
    for state_file in list(root.rglob(STATE_FILE)):
        try:
            outcome = json.loads(state_file.read_text(encoding="utf-8"))["outcome"]
        except (OSError, ValueError, KeyError, TypeError):
            continue  # Whoever loads it will say so.
        if outcome and outcome in recorded:
            shutil.rmtree(state_file.parent, ignore_errors=True)
