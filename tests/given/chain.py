"""A repository with stages that each copy what the one before wrote: DVC at its quickest."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from given.git import IDENTITY, git
from ruamel.yaml import YAML

ROOT = Path(__file__).parents[2]
OURS = ("resnet_depth.commands.reproducing", "dvc", "--root", ".", "--")
DYING = ROOT / "tests" / "given" / "dying_dvc.py"


class Chain:
    """The stages s0, s1 and so on, in a repository of git and DVC."""

    def __init__(self, folder, length):
        self.folder, self.length = folder, length
        folder.mkdir()
        git(folder, "init", "--quiet")
        self.run("-m", "dvc", "init", "--quiet")
        shutil.copy(ROOT / ".dvc" / "config", folder / ".dvc" / "config")
        (folder / "o").write_text("given\n", encoding="utf-8")
        stages = {}
        for i in range(length):
            before, own = f"o{i - 1}" if i else "o", f"o{i}"
            stages[f"s{i}"] = {"cmd": f"cp {before} {own}", "deps": [before], "outs": [own]}
        with (folder / "dvc.yaml").open("w", encoding="utf-8") as file:
            YAML().dump({"stages": stages}, file)
        self.commit()

    @property
    def lock(self):
        return self.folder / "dvc.lock"

    def commit(self):
        git(self.folder, "add", "--all")
        git(self.folder, "commit", "--quiet", "--message", "As it is")

    def recorded(self):
        """The stages that dvc.lock has."""
        return list(YAML(typ="safe").load(self.lock.read_text(encoding="utf-8"))["stages"])

    def ours(self, *arguments, check=True):
        """Run DVC as `make` does; return the process that has ended."""
        return self.run("-m", *OURS, *arguments, check=check)

    def die(self, write, share, *program):
        """Run a module that dies in a write of dvc.lock, as dying_dvc.py does it."""
        done = self.run(str(DYING), str(write), str(share), *program, check=False)
        assert done.returncode == -9, done.stdout + done.stderr

    def run(self, *command, check=True):
        done = subprocess.run(
            [sys.executable, *command],
            cwd=self.folder,
            env=os.environ | IDENTITY | {"PYTHONPATH": str(ROOT / "src")},
            capture_output=True,
            text=True,
            check=False,
        )
        assert not check or done.returncode == 0, done.stdout + done.stderr
        return done


def stages_run(done):
    """The stages that DVC said it ran."""
    words = "Running stage '"
    return [
        line.split(words)[1].split("'")[0] for line in done.stdout.splitlines() if words in line
    ]
