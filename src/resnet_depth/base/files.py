"""Writing files so that a reader finds the old content or the new, never a part of it.

Everything is written beside its destination, in a folder whose name ends in `.tmp` (ignored by
DVC), flushed to disk and renamed. An output is therefore never changed in place, which would also
damage DVC's cache where that is linked instead of copied.

Such a folder holds a lock as long as its process lives. The next who writes there removes those
whose lock is free: a process number would tell nothing of another container or machine.
"""

import fcntl
import glob
import hashlib
import json
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from resnet_depth.base.faults import naming
from resnet_depth.base.unchanged import require_unchanged

# In a temporary folder: its lock, and what stood in the destination's place.
LOCK, REPLACED = ".lock", ".replaced"


@contextmanager
def replacing_file(path: Path) -> Iterator[Path]:
    """Yield a temporary path; what the block writes there becomes `path` when it ends well.

    Raises:
        UserError: As `require_unchanged` does.
        OSError: What the system refuses in the block, naming `path` unless it names another file.
    """
    with _beside(path) as folder:
        temporary = folder / f"{path.name}.tmp"
        yield temporary
        _flush(temporary)
        require_unchanged()
        temporary.replace(path)


@contextmanager
def replacing_folder(path: Path) -> Iterator[Path]:
    """Yield a new empty folder, which takes the place of `path` when the block ends well.

    Raises:
        UserError: As `require_unchanged` does.
        OSError: What the system refuses in the block, naming `path` unless it names another file.
    """
    with _beside(path) as folder:
        temporary = folder / path.name
        temporary.mkdir()
        yield temporary
        for written in temporary.rglob("*"):
            _flush(written)
        require_unchanged()
        if os.path.lexists(path):
            path.replace(folder / REPLACED)
        try:
            temporary.replace(path)
        except OSError:
            _put_back(folder, path)
            raise


@contextmanager
def _beside(path: Path) -> Iterator[Path]:
    """Yield a new folder beside `path`, whose missing parent folders are made; remove it then."""
    folder = path.with_name(f"{path.name}.{secrets.token_hex(4)}.tmp")
    with naming(path, within=folder):
        path.parent.mkdir(parents=True, exist_ok=True)
        clear_leftovers(path)
        folder.mkdir()
        try:
            with (folder / LOCK).open("wb") as lock:
                # A file system without locks gives none, then nobody can take it either.
                with suppress(OSError):
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def clear_leftovers(path: Path) -> None:
    """Remove what killed processes left beside `path`; what a living one is writing stays."""
    for left in path.parent.glob(f"{glob.escape(path.name)}.*.tmp"):
        with suppress(OSError):
            if _is_abandoned(left):
                _put_back(left, path)
                shutil.rmtree(left) if left.is_dir() else left.unlink()


def _is_abandoned(left: Path) -> bool:
    """Return whether nobody holds the lock of a temporary folder, as far as can be told."""
    try:
        with (left / LOCK).open("r+b") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (FileNotFoundError, NotADirectoryError):
        # Its process died as it made or removed the folder.
        return True
    except OSError:
        return False
    return True


def _put_back(folder: Path, path: Path) -> None:
    """Let what `path` was before have its place again, if nothing has taken that."""
    if not os.path.lexists(path) and os.path.lexists(folder / REPLACED):
        (folder / REPLACED).replace(path)


def _flush(path: Path) -> None:
    """Bring a file to the disk, which may only now turn out to be full."""
    if path.is_file():
        with path.open("rb") as written:
            os.fsync(written.fileno())


def write_text(path: Path, text: str) -> None:
    """Replace `path` by `text` in UTF-8, its line ends unchanged on every system."""
    with replacing_file(path) as temporary:
        temporary.write_bytes(text.encode("utf-8"))


def write_json(path: Path, content: Any) -> None:
    """Replace `path` by the `json_text` of `content`."""
    write_text(path, json_text(content))


def json_text(content: Any) -> str:
    """Return indented JSON with full floating-point precision.

    Raises:
        ValueError: If `content` holds a NaN or an infinity, which JSON can't express.
    """
    return json.dumps(content, indent=2, allow_nan=False, ensure_ascii=False) + "\n"


def read_json(path: Path) -> Any:
    """Return the parsed content of a UTF-8 JSON file."""
    with naming(path):
        return json.loads(path.read_text(encoding="utf-8"))


def file_digest(path: Path, algorithm: str = "sha256") -> str:
    """Return the hexadecimal digest of a file of any size, by an algorithm that hashlib names."""
    with naming(path), path.open("rb") as file:
        return hashlib.file_digest(file, algorithm).hexdigest()
