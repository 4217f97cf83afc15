"""DVC, run as a person would; it waits for another of its commands instead of giving up.

DVC lets go of its lock while a stage runs and has three seconds to take it again, without
`--wait-for-lock`: then the stage's result is lost.
"""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from dvc import dvcfile
from dvc.cli import main

from resnet_depth.base.errors import UserError
from resnet_depth.commands.reproducing.look import look
from resnet_depth.commands.reproducing.whole_lock import keep, modify_whole

DVC = (sys.executable, "-m", "dvc", "--wait-for-lock")


def be_dvc(root: Path, arguments: Sequence[str]) -> int:
    """Run DVC in this process, which is in the folder `root`; return its exit status.

    It replaces dvc.lock in one step, and a copy is kept when it ends.

    Raises:
        UserError: If DVC can't work here, see `look`.
    """
    look(root)
    # The one of DVC's functions that writes dvc.lock after a stage.
    dvcfile.modify_yaml = lambda path, fs: modify_whole(Path(path))  # noqa: ARG005
    status = main([*DVC[3:], *arguments])
    keep(root)
    return int(status)


def run_dvc(
    folder: Path,
    *arguments: str,
    environment: Mapping[str, str] | None = None,
    check: bool = True,
    where: str = "",
) -> str:
    """Run DVC in a folder, showing its output; return what it wrote to stdout.

    It sees the variables of `environment` beside this process's own, and the stages that it starts
    find this process's Python.

    Raises:
        UserError: If DVC ends with an error, and `check`; `where` goes on after "failed".
    """
    sys.stdout.flush()
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    lines = []
    with subprocess.Popen(
        [*DVC, *arguments],
        cwd=folder,
        env=os.environ | dict(environment or {}) | {"PATH": path},
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            print(line, end="", flush=True)
            lines.append(line)
    if check and process.returncode:
        raise UserError(f"dvc {' '.join(arguments)} failed{where}")
    return "".join(lines)
