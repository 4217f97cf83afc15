"""What stands in DVC's way, looked at before it is called: mended, or told in one line.

DVC itself would blame another file, give up, or run everything again.
"""

import re
import sys
from pathlib import Path
from typing import Any

import psutil
from dvc.rwlock import RWLOCK_FILE, RWLOCK_LOCK, SCHEMA, Invalid

from resnet_depth.base.errors import UserError
from resnet_depth.base.files import read_json, write_json, write_text
from resnet_depth.commands.git import GitError, git
from resnet_depth.commands.reproducing.whole_lock import LOCK, TEMPORARY, locked_by_dvc, mend

# Beside the code, what DVC reads of a study.
READ = (LOCK, "dvc.yaml", "params.yaml")
_NOBODY = SCHEMA({})
# What the forks are called in which `commands/scheduling` runs DVC.
FORKS = "multiprocessing.forkserver"
CONFLICT = re.compile(rb"^(<{7} |>{7} )", re.MULTILINE)


def look(root: Path) -> None:
    """Mend dvc.lock and DVC's list of who reads and writes what; a line on stderr tells of damage.

    Raises:
        UserError: If git can't be used here or left a conflict, files have Windows line ends, or
            the list is damaged while DVC is at work.
    """
    _require_git(root)
    _refuse_conflicts(root)
    if files := windows_files(root):
        raise UserError(
            f"{files[0]}: line ends of Windows ({len(files)} such files), for which DVC would run "
            "everything again; type: make format"
        )
    for said in (mend(root), _mend_rwlock(root)):
        if said:
            print(said, file=sys.stderr)


def windows_files(root: Path) -> list[str]:
    """Return the paths of text files that end lines with CRLF here and with LF in git."""
    # How lines end in git and here, and what .gitattributes says; then the path.
    lines = git(root, "ls-files", "-z", "--eol").split("\0")
    told = [line.split("\t", 1) for line in lines if line]
    windows = (["i/lf", "w/crlf"], ["i/lf", "w/mixed"])
    return [path for how, path in told if how.split()[:2] in windows]


def end_lines_as_git(root: Path) -> list[str]:
    """Let the lines of `windows_files` end with LF; return their paths."""
    files = windows_files(root)
    for path in files:
        text = (root / path).read_bytes().decode("utf-8")
        write_text(root / path, text.replace("\r\n", "\n"))
    return files


def _require_git(root: Path) -> None:
    try:
        git(root, "rev-parse", "--git-dir")
    except GitError as error:
        if "dubious ownership" in error.said:
            command = f'git config --global --add safe.directory "{root.resolve()}"'
            raise UserError(
                f"{root.resolve()}: belongs to another user, so that git refuses it; if you trust "
                f"it, type: {command}"
            ) from None
        if "not a git repository" in error.said:
            raise UserError(
                f"{root.resolve()}: no git repository, which DVC needs (a download without .git?); "
                "clone the repository instead, or type: git init"
            ) from None
        raise


def _refuse_conflicts(root: Path) -> None:
    for name in READ:
        path = root / name
        if not (path.is_file() and CONFLICT.search(path.read_bytes())):
            continue
        unmerged = git(root, "ls-files", "--unmerged", "--", name)
        how = f"git checkout {'--ours' if unmerged else 'HEAD --'} {name}"
        also = "" if name == LOCK else ", or edit it"
        raise UserError(f"{name}: conflict markers of a merge; to take your side type: {how}{also}")


def _mend_rwlock(root: Path) -> str | None:
    """Take from DVC's list of who reads and writes what those that a kill has ended.

    DVC would wait for whatever process has their number by now. A damaged list is removed; DVC
    makes it anew.

    Returns:
        A line that says so, if it was damaged.
    """
    path = root / TEMPORARY / RWLOCK_FILE
    if _rwlock(path) == _NOBODY:
        return None
    # Maybe DVC is at work on it.
    with locked_by_dvc(root, RWLOCK_LOCK):
        listed, at_work = _rwlock(path), _dvc_processes(root)
        if listed is None:
            name = path.relative_to(root)
            if at_work:
                raise UserError(
                    f"{name}: damaged, while DVC is at work (process {at_work[0]}); repeat when "
                    "that has ended"
                )
            path.unlink()
            return f"{name} was damaged by a kill; removed, no DVC is at work"
        writing = {at: one for at, one in listed["write"].items() if one["pid"] in at_work}
        reading = {
            at: [one for one in all_ if one["pid"] in at_work]
            for at, all_ in listed["read"].items()
        }
        left = {"write": writing, "read": {at: some for at, some in reading.items() if some}}
        if left != listed:
            write_json(path, left)
        return None


def _rwlock(path: Path) -> Any:
    """Return what DVC's list says; None where it is damaged."""
    try:
        return SCHEMA(read_json(path))
    except FileNotFoundError:
        return _NOBODY
    except (ValueError, Invalid):
        return None


def _dvc_processes(root: Path) -> list[int]:
    """Return the processes of other DVC commands in this repository, maybe forks of a server."""
    found = []
    for process in psutil.process_iter(["pid", "cmdline", "cwd"]):
        told = process.info
        folder, words = Path(told["cwd"] or "/"), told["cmdline"] or []
        named = any(Path(word).name == "dvc" or FORKS in word for word in words)
        if named and folder.is_relative_to(root.resolve()) and told["pid"] != psutil.Process().pid:
            found.append(told["pid"])
    return found
