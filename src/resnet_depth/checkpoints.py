"""Checkpoints: the state of work that lasts, outside DVC's outputs, so that no kill costs it.

A checkpoint is a folder with `state.json` and the file of arrays that it names. The arrays are
written first, under a new name; then state.json is replaced in one step, and the old ones go.
Nothing is flushed to disk, which would take longer than the writing: after a power cut the digest
tells that a part is missing, and the work starts over.
"""

import hashlib
import json
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from resnet_depth.files import file_digest

STATE_FILE = "state.json"


@dataclass(frozen=True)
class Checkpoint:
    """What to go on from: arrays without gaps in memory, and JSON-ready values."""

    arrays: Mapping[str, NDArray[Any]]
    values: Mapping[str, Any]


def key_of(**parts: Any) -> str:
    """Return a digest of all that decides the outcome of the work.

    Args:
        parts: JSON-ready values.
    """
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
        """Name the place; nothing is read or written.

        Args:
            folder: Of this run alone.
            key: See `key_of`; a checkpoint with another key is never used.
        """
        self._folder = folder
        self._key = key
        self._arrays = ""  # Name of the file that state.json names.

    def load(self) -> Checkpoint | None:
        """Return the last checkpoint that was saved whole with this key; None if there is none.

        A damaged one is set aside under another name, with a line on stderr.
        """
        state_file = self._folder / STATE_FILE
        try:
            state = json.loads(state_file.read_text(encoding="utf-8"))
            if state["key"] != self._key:
                return None
            arrays = self._folder / state["arrays"]
            if file_digest(arrays) != state["digest"]:
                raise ValueError(f"{arrays.name} isn't what was written")
            self._arrays = arrays.name
            return Checkpoint(load_file(arrays), state["values"])
        except FileNotFoundError as error:
            if Path(error.filename or "") == state_file:
                return None
            self._set_aside(str(error))
        except (OSError, ValueError, KeyError, TypeError, SafetensorError) as error:
            self._set_aside(str(error))
        return None

    def save(self, checkpoint: Checkpoint, outcome: str | None = None) -> None:
        """Replace the checkpoint.

        Args:
            checkpoint: What to go on from.
            outcome: Of finished work, a digest that DVC records of it; see `remove_recorded`.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        # The file in use stays until state.json names another.
        name = "arrays-a.safetensors"
        if name == self._arrays:
            name = "arrays-b.safetensors"
        save_file(dict(checkpoint.arrays), self._folder / name)
        state = {
            "key": self._key,
            "outcome": outcome,
            "arrays": name,
            "digest": file_digest(self._folder / name),
            "values": checkpoint.values,
        }
        temporary = self._folder / f"{STATE_FILE}.tmp"
        temporary.write_text(json.dumps(state), encoding="utf-8")
        temporary.replace(self._folder / STATE_FILE)
        if self._arrays:
            (self._folder / self._arrays).unlink(missing_ok=True)
        self._arrays = name

    def _set_aside(self, reason: str) -> None:
        aside = self._folder.with_name(f"{self._folder.name}.damaged")
        shutil.rmtree(aside, ignore_errors=True)
        self._folder.rename(aside)
        line = reason.splitlines()[0]
        what = f"{self._folder}: damaged checkpoint ({line})"
        print(f"{what}, set aside as {aside.name}; starting over", file=sys.stderr)


def remove_recorded(root: Path, lock: Path) -> None:
    """Remove the checkpoints of finished work that dvc.lock has; nothing can cost it any more.

    Args:
        root: Folder of all checkpoints, maybe missing.
        lock: A dvc.lock, maybe missing.
    """
    recorded = lock.read_text(encoding="utf-8") if lock.is_file() else ""
    for state_file in list(root.rglob(STATE_FILE)):
        try:
            outcome = json.loads(state_file.read_text(encoding="utf-8"))["outcome"]
        except (OSError, ValueError, KeyError, TypeError):
            continue  # Whoever loads it will say so.
        if outcome and outcome in recorded:
            shutil.rmtree(state_file.parent, ignore_errors=True)
