"""A clean clone in which the study is run."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from resnet_depth.base.errors import UserError


class Clone:
    """A clean clone of a repository's HEAD, in which the study is run."""

    def __init__(
        self, source: Path, folder: Path, environment: Mapping[str, str] | None = None
    ) -> None:
        """Clone `source` into `folder`, which is made here.

        DVC's commands see the variables of `environment` beside this process's own.

        Raises:
            UserError: If `source` is no git repository with a commit.
        """
        self.folder, self._environment = folder, dict(environment or {})
        command = ["git", "clone", "--quiet", "--no-local", str(source), str(folder)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise UserError(f"{source}: can't be cloned: {done.stderr.strip()}")

    def dvc(self, *arguments: str, check: bool = True) -> str:
        """Run DVC in the clone, showing its output; return what it wrote to stdout.

        Raises:
            UserError: If DVC ends with an error, and `check`.
        """
        sys.stdout.flush()
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        lines = []
        with subprocess.Popen(
            [sys.executable, "-m", "dvc", *arguments],
            cwd=self.folder,
            env=os.environ | self._environment | {"PATH": path},
            stdout=subprocess.PIPE,
            text=True,
        ) as process:
            assert process.stdout is not None
            for line in process.stdout:
                print(line, end="", flush=True)
                lines.append(line)
        if check and process.returncode:
            raise UserError(f"dvc {' '.join(arguments)} failed in a clean clone")
        return "".join(lines)
