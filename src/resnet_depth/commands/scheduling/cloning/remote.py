"""What single stage instances read and write, carried through DVC's remote.

`dvc pull` and `dvc push` first build the index of all instances, which takes seconds where there
are hundreds. Here DVC's own objects of the few stages concerned are asked, and nothing else.
"""

import errno
import logging
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from dvc.dvcfile import PROJECT_FILE, load_file
from dvc.repo import Repo
from dvc_data.hashfile import transfer
from dvc_data.hashfile.hash_info import HashInfo
from dvc_data.hashfile.tree import Tree

from resnet_depth.base.errors import UserError

# Seconds for which a remote that can't be used is tried again, and between two tries.
PATIENCE = 60.0
PAUSE = 2.0
FULL = (errno.ENOSPC, errno.EDQUOT)
# In the names of a remote's settings.
SECRET = ("password", "passphrase", "secret", "token", "key", "credential", "connection_string")

T = TypeVar("T")


@contextmanager
def opened(root: Path) -> Iterator[Repo]:
    """Yield DVC's view of a repository; it waits for other commands of DVC."""
    with Repo(str(root), _wait_for_lock=True) as repo:
        yield repo


def stages_in(repo: Repo) -> Mapping[str, Any]:
    """Return DVC's stages by instance, each made when it is asked for."""
    stages: Mapping[str, Any] = load_file(repo, repo.fs.join(repo.root_dir, PROJECT_FILE)).stages
    return stages


def remote_settings(root: Path) -> dict[str, str]:
    """Return the settings of the default remote; its URL is absolute where it is a folder.

    Secrets are left out: a worker's own configuration of DVC, or its environment, has them.

    Raises:
        UserError: If there is none.
    """
    with opened(root) as repo:
        name = repo.config["core"].get("remote")
        if not name or name not in repo.config["remote"]:
            raise UserError(
                "DVC has no default remote, through which workers get and give data; "
                "type: dvc remote add --default NAME URL"
            )
        settings = repo.config["remote"][name].items()
        return {
            key: str(value)
            for key, value in settings
            if not any(word in key for word in SECRET) and value is not None
        }


def sources(entries: Mapping[str, Any], deps: Iterable[str]) -> dict[str, list[str]]:
    """Return the recorded outputs that dependencies name, by the instance that wrote them.

    A dependency stands for the output of that path, for all in a folder, or for the one it is in.
    """
    wanted, found = set(deps), dict[str, list[str]]()
    for name, entry in entries.items():
        for path in (out["path"] for out in entry.get("outs", [])):
            if any(_holds(path, dep) or _holds(dep, path) for dep in wanted):
                found.setdefault(name, []).append(path)
    return found


def bring(root: Path, name: str, entries: Mapping[str, Any], patience: float = PATIENCE) -> None:
    """Bring the inputs of an instance into the workspace, as dvc.lock has them.

    What is there with the right content stays; what comes is verified by its hash.

    Args:
        root: Folder of the repository, whose dvc.lock has `entries`.
        name: The instance that is to run.
        entries: dvc.lock's entries of the instances that it depends on.
        patience: Seconds for which a remote that can't be used is tried again.

    Raises:
        UserError: If the remote can't be used for so long, or lacks them.
    """
    with opened(root) as repo:
        stages = stages_in(repo)
        paths = sources(entries, (dep.def_path for dep in stages[name].deps))
        outs = [
            out
            for source, some in paths.items()
            for out in stages[source].outs
            if out.def_path in some and out.use_cache
        ]
        patiently(lambda: _pull(repo, outs), patience)
        with repo.lock:
            for out in outs:
                out.checkout(force=True)


def send(root: Path, names: Iterable[str], patience: float = PATIENCE) -> None:
    """Send the outputs of instances, as dvc.lock has them, from DVC's cache to the remote.

    Raises:
        UserError: If the remote can't be used for so long, or an output is nowhere.
    """
    with opened(root) as repo:
        stages = stages_in(repo)
        outs = [out for name in names for out in stages[name].outs if out.use_cache]
        patiently(lambda: _push(repo, outs), patience)


def lacking(
    root: Path, entries: Iterable[Mapping[str, Any]], patience: float = PATIENCE
) -> list[str]:
    """Return the outputs in some entries of dvc.lock that the remote lacks, by path.

    Of a folder the list of its files is looked for, which DVC sends after all of them.

    Raises:
        UserError: If the remote can't be used for so long.
    """
    outs = [out for entry in entries for out in entry["outs"]]
    with opened(root) as repo:
        lost = patiently(lambda: _lacking(repo, {out["md5"] for out in outs}), patience)
    return sorted(out["path"] for out in outs if out["md5"] in lost)


def nowhere(root: Path, names: Iterable[str], patience: float = PATIENCE) -> dict[str, str]:
    """Return those of some recorded instances of which an output is lost, each with its path.

    Neither DVC's cache here nor the remote has it, as after a clone of results that nobody sent.

    Raises:
        UserError: If the remote can't be used for so long.
    """
    with opened(root) as repo:
        stages, cache = stages_in(repo), repo.cache.local
        away = [
            (name, out)
            for name in names
            for out in stages[name].outs
            if out.use_cache and out.hash_info and not cache.exists(out.hash_info.value)
        ]
        lost = patiently(lambda: _lacking(repo, {out.hash_info.value for _, out in away}), patience)
        return {name: str(out.def_path) for name, out in away if out.hash_info.value in lost}


def patiently(action: Callable[[], T], patience: float) -> T:
    """Return what an action on the remote returns, called again as long as it fails.

    Each kind of remote has exceptions of its own, so that any is taken for a remote's.

    Raises:
        UserError: If it still fails after `patience` seconds.
        OSError: If a disk is full, which no patience mends.
    """
    end = time.monotonic() + patience
    while True:
        try:
            return action()
        except Exception as error:
            if isinstance(error, OSError) and error.errno in FULL:
                raise
            if time.monotonic() >= end:
                said = " ".join(str(error).split()) or type(error).__name__
                raise UserError(f"DVC's remote failed for {patience:.0f} s: {said}") from error
        time.sleep(min(PAUSE, max(0.0, end - time.monotonic())))


def _holds(folder: str, path: str) -> bool:
    """Return whether a path is another or lies in it."""
    return f"{path}/".startswith(f"{folder}/")


def _pull(repo: Repo, outs: list[Any]) -> None:
    remote, cache = repo.cloud.get_remote_odb(), repo.cache.local
    # Else a file that was cut off on its way would be taken for the output.
    remote.verify = True
    tops = {out.hash_info for out in outs}
    with _told():
        repo.cloud.pull(tops, odb=remote)
        listed = {info for top in tops if top.isdir for info in _files(cache, top)}
        repo.cloud.pull(listed, odb=remote)
    missing = {str(info.value) for info in tops | listed if not cache.exists(info.value)}
    if missing:
        raise FileNotFoundError(f"{_paths(outs, missing)}: not there, or not with its hash")


def _push(repo: Repo, outs: list[Any]) -> None:
    cache, remote = repo.cache.local, repo.cloud.get_remote_odb()
    tops = {out.hash_info for out in outs}
    here = {top for top in tops if cache.exists(top.value)}
    listed = {info for top in here if top.isdir for info in _files(cache, top)}
    with _told():
        repo.cloud.push(here | listed, odb=remote)
    if missing := _lacking(repo, {top.value for top in tops}):
        raise OSError(f"{_paths(outs, missing)}: could not be sent")


class _Listener(logging.Handler):
    """Keeps the exceptions that DVC tells, of a full disk for example, and goes on from."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.errors: list[BaseException] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the exception of a record that has one."""
        if record.exc_info and record.exc_info[1]:
            self.errors.append(record.exc_info[1])


@contextmanager
def _told() -> Iterator[None]:
    """Raise what DVC only tells of a transfer that failed."""
    listener, logger = _Listener(), logging.getLogger(transfer.__name__)
    logger.addHandler(listener)
    try:
        yield
    finally:
        logger.removeHandler(listener)
    if listener.errors:
        raise listener.errors[0]


def _files(cache: Any, folder: HashInfo) -> set[HashInfo]:
    return {info for _, _, info in Tree.load(cache, folder)}


def _paths(outs: list[Any], md5s: set[str]) -> str:
    """Return the paths of outputs that are among some hashes; the hashes where none is."""
    return ", ".join(sorted(str(out) for out in outs if out.hash_info.value in md5s) or md5s)


def _lacking(repo: Repo, md5s: set[str]) -> set[str]:
    return md5s.difference(repo.cloud.get_remote_odb().list_oids_exists(list(md5s)))
