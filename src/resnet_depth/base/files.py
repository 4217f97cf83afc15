"""Writing files so that a reader finds the old content or the new, never a part of it.

Everything is written beside its destination under a name that ends in `.tmp` (ignored by DVC),
flushed to disk and renamed. An output is therefore never changed in place, which would also
damage DVC's cache where that is linked instead of copied.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from resnet_depth.base.unchanged import require_unchanged


@contextmanager
def replacing_file(path: Path) -> Iterator[Path]:
    """Yield a temporary path; what the block writes there becomes `path` when it ends well.

    Raises:
        UserError: As `require_unchanged` does.
    """
    temporary = _beside(path)
    try:
        yield temporary
        with temporary.open("rb") as written:
            os.fsync(written.fileno())
        require_unchanged()
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def replacing_folder(path: Path) -> Iterator[Path]:
    """Yield a new empty folder, which takes the place of `path` when the block ends well.

    Raises:
        UserError: As `require_unchanged` does.
    """
    temporary = _beside(path)
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir()
    try:
        yield temporary
        require_unchanged()
        shutil.rmtree(path, ignore_errors=True)
        temporary.replace(path)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _beside(path: Path) -> Path:
    """Return the temporary path of a file or folder, whose missing parent folders are made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    return path.with_name(f"{path.name}.{os.getpid()}.tmp")


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
    return json.loads(path.read_text(encoding="utf-8"))


def file_digest(path: Path, algorithm: str = "sha256") -> str:
    """Return the hexadecimal digest of a file of any size, by an algorithm that hashlib names."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, algorithm).hexdigest()
