"""What DVC would run."""

import json
import subprocess
from pathlib import Path

from resnet_depth.base.errors import UserError
from resnet_depth.commands.reproducing.dvc_command import DVC


def instances_to_run(root: Path, target: str) -> list[str]:
    """Return what `dvc repro` of an instance, such as report@digits, would run, as DVC says.

    Raises:
        UserError: If DVC can't tell.
    """
    if not (root / "dvc.lock").is_file():
        return [target]
    command = [*DVC, "status", "--with-deps", "--json", target]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    if done.returncode:
        said = (done.stderr.strip() or done.stdout.strip()).splitlines() or ["no reason given"]
        raise UserError(f"dvc status --with-deps {target} failed: {said[0]}")
    return sorted(json.loads(done.stdout))
