"""A program that is killed while DVC, in it, writes dvc.lock.

    python tests/given/dying_dvc.py WRITE SHARE MODULE [ARGUMENT …]

runs a module as `python -m` does. The lock's write of that number, from 1, gets to a share of its
text, in [0, 1), and there the process gets SIGKILL.
"""

import io
import os
import runpy
import signal
import sys
from pathlib import Path

from dvc.utils.serialize import _yaml


def die_in_write(number, share):
    """Let DVC die in a write of dvc.lock, or of the file that is to take its place."""
    dump, write_bytes, count = _yaml._dump, Path.write_bytes, 0

    def write(stream, text):
        nonlocal count
        of_lock = "dvc.lock" in getattr(stream, "name", "")
        count += of_lock
        dies = count == number and of_lock
        stream.write(text[: int(share * len(text)) if dies else None])
        if dies:
            stream.flush()
            os.kill(os.getpid(), signal.SIGKILL)

    def dump_dying(data, stream):
        text = io.StringIO()
        dump(data, text)
        write(stream, text.getvalue())

    def write_dying(path, content):
        if "dvc.lock" in path.name:
            with path.open("wb") as stream:
                write(stream, content)
        else:
            write_bytes(path, content)

    _yaml._dump, Path.write_bytes = dump_dying, write_dying


if __name__ == "__main__":
    _, number, share, module, *arguments = sys.argv
    die_in_write(int(number), float(share))
    sys.argv = [module, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)
