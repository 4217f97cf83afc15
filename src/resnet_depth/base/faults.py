"""Faults of the world: a disk, a mount or memory that refuses, told in one line.

Libraries tell them in forms of their own: an OSError that names no file, safetensors' and NumPy's
exceptions that hold no error number, RuntimeErrors of torch and ONNX Runtime.
"""

import errno
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.filesize import decimal

from resnet_depth.base.errors import UserError
from resnet_depth.base.memory import REFUSED, free_reserve, memory_line, none_is_left

# What to do about each, behind what is free there.
_UNREACHABLE = "see that the disk or mount is there and in order"
REMEDIES = {
    # What was begun is gone by the time that this is read, and its room is free again.
    errno.ENOSPC: "more is needed: make room there",
    errno.EDQUOT: "your quota there is used up: remove files of yours, or have it raised",
    errno.EFBIG: "files may not grow that large: raise the limit (ulimit -f)",
    errno.EROFS: "it is mounted read-only: mount it writable, or work elsewhere",
    errno.EIO: _UNREACHABLE,
    errno.ENXIO: _UNREACHABLE,
    errno.ENODEV: _UNREACHABLE,
    errno.ENOTCONN: _UNREACHABLE,
    errno.ESTALE: _UNREACHABLE,
    errno.EMFILE: "too many files are open: raise the limit (ulimit -n)",
    errno.ENFILE: "too many files are open on this machine: end other programs",
}
_ELSE = "see that it is what it should be and that you may read and write there"
_UNNAMED = "standard output or a file without a name"
_NUMBER = re.compile(r"\(os error (\d+)\)")
_CUT_SHORT = re.compile(r"\d+ requested and -?\d+ written|Not enough free space to write")


@contextmanager
def naming(path: Path, within: Path | None = None) -> Iterator[None]:
    """Let what the system refuses in the block be an OSError that names `path`.

    Other files that are named already stay, but for those in the folder `within`.
    """
    try:
        yield
    except UserError:
        raise
    except Exception as error:
        number, reason, name = _refusal(error)
        if not number or (name and not (within and Path(name).is_relative_to(within))):
            raise
        raise OSError(number, reason, str(path)) from error


def fault_line(error: BaseException) -> str | None:
    """Return the line about a fault of the world; None where `error` is none.

    It is one too if it came up while a fault of disk or memory was handled, or if hardly any memory
    is left, whatever it says.
    """
    free_reserve()
    for link in _chain(error):
        if _is_of_memory(link):
            return memory_line(str(link))
        if isinstance(link, OSError):
            number, reason, name = _refusal(link)
            known, itself = number in REMEDIES, link is error
            if (name and (known or itself)) or (known and itself):
                return _disk_line(number, reason, name)
    if not isinstance(error, UserError) and none_is_left():
        return memory_line(str(error))
    return None


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and what was being handled when it came up, each once."""
    seen: list[BaseException] = []
    link: BaseException | None = error
    while link and link not in seen:
        yield link
        seen.append(link)
        link = link.__cause__ or link.__context__


def _refusal(error: Exception) -> tuple[int, str, str | None]:
    """Return the system's error number, 0 if there is none, its words, and the file it names."""
    text = str(error)
    if isinstance(error, OSError) and error.errno:
        name = error.filename2 or error.filename
        return error.errno, error.strerror or text, str(name) if name else None
    if isinstance(error, OSError) and _CUT_SHORT.search(text):
        return errno.EIO, f"couldn't be written whole ({text})", None
    number = int(found[1]) if (found := _NUMBER.search(text)) else 0
    return number, os.strerror(number), None


def _disk_line(number: int, reason: str, name: str | None) -> str:
    free = f"{_free_at(Path(name))}; " if name and number != errno.ENOENT else ""
    remedy = REMEDIES.get(number, _ELSE)
    return f"{name or _UNNAMED}: {reason}; {free}{remedy}, and repeat the command"


def _free_at(path: Path) -> str:
    """Return in words how much can still be written where a file is or would be."""
    try:
        there = next(each for each in (path, *path.absolute().parents) if os.access(each, os.F_OK))
        free, files = shutil.disk_usage(there).free, os.statvfs(there)
    except OSError as error:
        return f"how much is free there can't be told ({error.strerror})"
    no_more = files.f_files and not files.f_favail
    return f"{decimal(free)} are free there" + (", but no more files fit" if no_more else "")


def _is_of_memory(error: BaseException) -> bool:
    if isinstance(error, OSError) and error.errno:
        return error.errno == errno.ENOMEM
    if isinstance(error, UserError):
        return False
    return isinstance(error, MemoryError) or bool(REFUSED.search(str(error)))
