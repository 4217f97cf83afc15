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

from dvc.utils.serialize import _yaml


def die_in_write(number, share):
    """Let DVC die in a write of dvc.lock, or of the file that is to take its place."""
    dump, count = _yaml._dump, 0

    def dying(data, stream):
        nonlocal count
        count += "dvc.lock" in stream.name
        text = io.StringIO()
        dump(data, text)
        dies = count == number and "dvc.lock" in stream.name
        stream.write(text.getvalue()[: int(share * len(text.getvalue())) if dies else None])
        if dies:
            stream.flush()
            os.kill(os.getpid(), signal.SIGKILL)

    _yaml._dump = dying


if __name__ == "__main__":
    _, number, share, module, *arguments = sys.argv
    die_in_write(int(number), float(share))
    sys.argv = [module, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)
