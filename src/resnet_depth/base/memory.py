"""Too little memory: whether an error comes from that, told in one line.

A limit of the process, as `ulimit -v` or a cluster sets it, may end the imports in ways that no
code of theirs survives, or keep them busy for ever. So a trial is made of them before.
"""

import mmap
import os
import re
import resource
import subprocess
import sys
from contextlib import suppress

import psutil
from rich.filesize import decimal

# Without it, where all memory is taken, none would be left to say so. Never touched, it takes
# nothing but addresses. Who isn't given that much will be refused what comes next, and tells that.
_reserve: list[mmap.mmap] = []
with suppress(OSError):
    _reserve.append(mmap.mmap(-1, 2**22))
# Where not even so many more bytes are given, memory is what an error comes from.
LEAST = 2**26
REFUSED = re.compile(
    r"too little memory|memoryerror|can(?:no|')t allocate memory|not enough memory|out of memory"
    r"|bad.?alloc|unable to allocate|failed to allocate|memory allocation still failed"
    r"|failed to map segment|can't start new thread|error -4 while"
    # oneDNN and protobuf, which don't say what was lacking.
    r"|could not create a (?:primitive|memory)|failed to serialize proto",
    re.IGNORECASE,
)
# All packages take less than half of it, those for CUDA included.
ENOUGH_FOR_IMPORTS = 2**33
# What a trial has less than what it is a trial for, which may take a little more another time.
MARGIN = 2**28
# Where not a byte is left Python may try for ever, or wait for a lock that nobody opens. Imports
# take a fraction of such seconds of the processor, and of the clock even from a slow disk.
PROCESSOR_SECONDS = 60
CLOCK_SECONDS = 300
IS_TRIAL = "RESNET_DEPTH_TRIAL_OF_IMPORTS"


def free_reserve() -> None:
    """Make room for telling a fault, where a process is to end by it."""
    _reserve.clear()


def none_is_left() -> bool:
    """Return whether hardly any more memory is given to this process."""
    try:
        mmap.mmap(-1, LEAST).close()
    except OSError:
        return True
    return False


def memory_line(asked: str) -> str:
    """Return the line about too little memory.

    Args:
        asked: What was refused, in the words of who asked for it; may be empty.
    """
    words = (" ".join(asked.split()) or "no more is given")[:200]
    memory, limit = psutil.virtual_memory(), _limit()
    bound, raised = "", ""
    if limit is not None:
        bound, raised = f" (this process may have {decimal(limit)})", "raise that limit, "
    return (
        f"too little memory: {words}; {decimal(memory.available)} of {decimal(memory.total)} are "
        f"free{bound}; {raised}end other programs or lower the batch sizes in params.yaml, and "
        "repeat the command"
    )


def require_room_for_imports() -> None:
    """End this entry point in one line if its limit of memory is too low to import packages.

    Where there is such a limit another Python imports them first, in somewhat less of it.
    """
    limit = _limit()
    if limit is None or limit >= ENOUGH_FOR_IMPORTS or IS_TRIAL in os.environ:
        return
    # Code on the command line has no help that would end it behind its imports.
    if sys.argv[0] != "-c" and not _imports_fit(max(limit - MARGIN, 0)):
        sys.exit(memory_line("the packages can't be imported"))


def _imports_fit(limit: int) -> bool:
    """Return whether another Python imports what this entry point does in so many bytes.

    A fault of the imports' own that it tells isn't the memory's.
    """

    def limit_trial() -> None:
        _lower(resource.RLIMIT_AS, limit)
        _lower(resource.RLIMIT_CPU, PROCESSOR_SECONDS)

    entry_point = sys.orig_argv[1 : len(sys.orig_argv) - len(sys.argv[1:])]
    try:
        trial = subprocess.run(
            [sys.executable, *entry_point, "--help"],
            env=os.environ | {IS_TRIAL: "1"},
            preexec_fn=limit_trial,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
            timeout=CLOCK_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return False
    told = trial.returncode == 1 and not REFUSED.search(trial.stderr)
    return trial.returncode == 0 or told


def _lower(limit: int, most: int) -> None:
    hard = resource.getrlimit(limit)[1]
    resource.setrlimit(limit, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))


def _limit() -> int | None:
    """Return how many bytes of addresses this process may have; None where there is no limit."""
    limit = resource.getrlimit(resource.RLIMIT_AS)[0]
    return None if limit == resource.RLIM_INFINITY else limit
