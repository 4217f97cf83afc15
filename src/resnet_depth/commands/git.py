"""What git says of a repository, in its own English, so that its messages can be told apart."""

import os
import subprocess
from pathlib import Path

from resnet_depth.base.errors import UserError


class GitError(UserError):
    """Git failed, and `said` why."""

    def __init__(self, root: Path, said: str) -> None:
        """Tell in which folder, and in one line what git wrote to stderr."""
        self.said = " ".join(said.split())
        super().__init__(f"{root.resolve()}: git fails: {self.said}")


def git(root: Path, *command: str) -> str:
    """Return what a git command prints in a folder, for which nobody is asked for a password.

    Bytes that aren't UTF-8 are replaced, ends of lines stay as they are.

    Raises:
        GitError: If git fails.
        UserError: If it isn't installed.
    """
    environment = os.environ | {"GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
    # Not by `cwd`, where a folder that isn't there would look like a git that isn't.
    whole = ["git", "-C", str(root), *command]
    try:
        done = subprocess.run(whole, env=environment, capture_output=True, check=False)
    except FileNotFoundError:
        raise UserError("git isn't installed, which DVC needs; install it and repeat") from None
    if done.returncode:
        raise GitError(root, done.stderr.decode("utf-8", "replace"))
    return done.stdout.decode("utf-8", "replace")


def git_if_it_can(root: Path, *command: str) -> str | None:
    """Return what `git` does; None where it fails."""
    try:
        return git(root, *command)
    except GitError:
        return None
