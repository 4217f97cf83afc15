"""A clean clone in which the study is run."""

from collections.abc import Mapping
from pathlib import Path

from resnet_depth.base.errors import UserError
from resnet_depth.commands.git import GitError, git
from resnet_depth.commands.reproducing.dvc_command import run_dvc


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
        try:
            git(Path(), "clone", "--quiet", "--no-local", str(source), str(folder))
        except GitError as error:
            raise UserError(f"{source}: can't be cloned: {error.said}") from None

    def dvc(self, *arguments: str, check: bool = True) -> str:
        """Run DVC in the clone, showing its output; return what it wrote to stdout.

        Raises:
            UserError: If DVC ends with an error, and `check`.
        """
        return run_dvc(
            self.folder,
            *arguments,
            environment=self._environment,
            check=check,
            where=" in a clean clone",
        )
