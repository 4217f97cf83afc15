"""Where a worker's clone lies: each process, or thread, has one to itself, as long as it uses it.

A clone outlives its worker: another that is started in its place takes it over, with what it has
fetched and with the results that couldn't be handed over.
"""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import IO

from dvc.config import Config

from resnet_depth.base.errors import UserError
from resnet_depth.commands.git import GitError, git

# The name of the remote in a clone.
REMOTE = "study"


def default_home() -> Path:
    """Return the folder of this user's clones on this machine, which nobody else can write to.

    Raises:
        UserError: If somebody else has made a folder of that name.
    """
    home = Path(tempfile.gettempdir()) / f"resnet-depth-{os.getuid()}"
    home.mkdir(mode=0o700, exist_ok=True)
    status = home.lstat()
    if status.st_uid != os.getuid() or status.st_mode & 0o077 or home.is_symlink():
        raise UserError(f"{home}: others can write there, so that no code is run in it; remove it")
    return home


@contextmanager
def own_clone(
    home: Path, source: str, commit: str, remote: Mapping[str, str], checkpoints: Path | None
) -> Iterator[Path]:
    """Hold a clone that nobody else uses meanwhile, made if all that are there are in use.

    Args:
        home: The folder of all clones.
        source: The repository, a path or a URL.
        commit: The commit, all 40 digits of it, that is checked out.
        remote: The settings of DVC's remote.
        checkpoints: A folder for all checkpoints that other machines see too; None for the clone's.

    Raises:
        UserError: If the repository can't be cloned, or has no such commit.
    """
    home.mkdir(parents=True, exist_ok=True)
    _remove_others(home, commit)
    for number in count():
        folder = home / f"{commit}-{number}"
        with folder.with_suffix(".lock").open("wb") as lock:
            if not _locked(lock):
                continue
            if not folder.is_dir():
                _make(folder, source, commit)
            _configure(folder, remote, checkpoints)
            yield folder
            return


def _locked(lock: IO[bytes]) -> bool:
    """Return whether a lock could be taken; it ends with the process or as the file is closed."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _remove_others(home: Path, commit: str) -> None:
    """Remove clones of other commits that nobody uses."""
    for path in home.glob("*.lock"):
        if path.name.startswith(commit):
            continue
        with suppress(FileNotFoundError), path.open("r+b") as lock:
            if _locked(lock):
                shutil.rmtree(path.with_suffix(""), ignore_errors=True)
                path.unlink()


def _make(folder: Path, source: str, commit: str) -> None:
    temporary = folder.with_suffix(".tmp")
    shutil.rmtree(temporary, ignore_errors=True)
    what = "can't be cloned"
    try:
        git(Path(), "clone", "--quiet", "--no-checkout", "--", source, str(temporary))
        what = f"has no commit {commit[:12]}; push it there first"
        git(temporary, "checkout", "--quiet", "--detach", commit)
    except GitError as error:
        raise UserError(f"{source}: {what} ({error.said})") from None
    temporary.rename(folder)


def _configure(folder: Path, remote: Mapping[str, str], checkpoints: Path | None) -> None:
    """Tell the clone's DVC its remote; let its checkpoints lie where they are to lie."""
    with Config(str(folder / ".dvc"), validate=False).edit("local", validate=False) as settings:
        settings["core"] = {"remote": REMOTE}
        settings["remote"] = {REMOTE: dict(remote)}
    place = folder / ".checkpoints"
    if place.is_symlink():
        place.unlink()
    if checkpoints is not None:
        shutil.rmtree(place, ignore_errors=True)
        checkpoints.mkdir(parents=True, exist_ok=True)
        place.symlink_to(checkpoints.resolve(), target_is_directory=True)
