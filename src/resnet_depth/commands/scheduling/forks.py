"""DVC as forks of one process that has imported it, which would take each run a second.

A fork is a process of its own, the leader of its group, which a terminal's Ctrl-C doesn't reach.
"""

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Mapping, Sequence
from multiprocessing.context import ForkServerContext, ForkServerProcess
from pathlib import Path

from resnet_depth.base.faults import fault_line
from resnet_depth.commands.reproducing.dvc_command import run_main

# Beside this module. DVC imports them as late as it can.
_IMPORTED = (
    *("dvc.cli.parser", "dvc.cachemgr", "dvc.data_cloud", "dvc.dependency", "dvc.parsing"),
    *("dvc.repo.artifacts", "dvc.repo.datasets", "dvc.repo.index", "dvc.repo.metrics"),
    *("dvc.repo.open_repo", "dvc.repo.params", "dvc.repo.plots", "dvc.repo.reproduce"),
    *("dvc.repo.stage", "dvc.stage.cache", "dvc.utils.strictyaml", "dvc_data.hashfile.status"),
    *("dvc_data.hashfile.db.local", "scmrepo.git", "networkx", "configobj"),
)


def server() -> ForkServerContext:
    """Return what `start_dvc` forks from; it ends with this process."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([*_IMPORTED, __name__])
    return context


def start_dvc(
    context: ForkServerContext,
    root: Path,
    arguments: Sequence[str],
    log: Path,
    variables: Mapping[str, str],
) -> ForkServerProcess:
    """Start a DVC command in a folder; return its process, which ends when this one is gone.

    What it and its stage say is written to `log`; they see `variables` beside this process's own.
    """
    # The server has this process's environment as it was at its start.
    environment = os.environ | dict(variables)
    given = (str(root), tuple(arguments), str(log), environment)
    process = context.Process(target=_be_dvc, args=given)
    process.start()
    return process


def _be_dvc(root: str, arguments: Sequence[str], log: str, environment: Mapping[str, str]) -> None:
    os.setsid()
    # A shell that starts a command in the background has Ctrl-C ignored.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    file = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    for stream in (1, 2):
        os.dup2(file, stream)
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(root)
    try:
        status = run_main(Path(), arguments)
    except (OSError, MemoryError) as error:
        print(fault_line(error) or error, file=sys.stderr)
        status = 1
    sys.exit(status)


def _end_with_parent() -> None:
    """End this process, as by SIGTERM, when the one that asked for it is gone.

    That isn't the server, which lives as long as any of its forks.
    """
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os.kill(os.getpid(), signal.SIGTERM)
