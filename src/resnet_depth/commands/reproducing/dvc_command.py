"""DVC, run as a person would, in a folder of its own."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from resnet_depth.base.errors import UserError


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
        [sys.executable, "-m", "dvc", *arguments],
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
