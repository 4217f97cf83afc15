"""Whether the code that results depend on, as dvc.lock names it, is that of a commit.

dvc.lock names files and folders. A folder's hash is that of a list of its files, as far as
.dvcignore lets them count.
"""

import hashlib
import io
import json
import subprocess
import tarfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from dvc.ignore import DvcIgnorePatterns

from resnet_depth.base.errors import UserError
from resnet_depth.base.files import file_digest
from resnet_depth.commands.reproducing.lock import Entry

CODE = ("src/", "stages/")
IGNORE = ".dvcignore"
# What `environment` appends to the commit of a working tree that differs from it.
CHANGES = "+changes"


def code_of(entries: Iterable[Entry]) -> dict[str, str]:
    """Return the MD5 of each file and folder of code that entries depend on, by path."""
    return {
        path: md5
        for entry in entries
        for path, md5 in sorted(entry.deps.items())
        if path.startswith(CODE)
    }


def changed_code(root: Path, entries: Iterable[Entry]) -> list[str]:
    """Return the files and folders of code that aren't as some entries of a dvc.lock have them.

    Args:
        root: Folder of the code.
        entries: Of dvc.lock.
    """
    named = code_of(entries)
    paths = [member for path in named for member in (root / path, *(root / path).rglob("*"))]
    files = {
        path.relative_to(root).as_posix(): file_digest(path, "md5")
        for path in paths
        if path.is_file()
    }
    return _different(named, files, _counting(_ignore_rules(root)))


def uncommitted_code(root: Path, entries: Iterable[Entry]) -> list[str]:
    """Return dvc.yaml, .dvcignore and the files of code that entries name, if not as in HEAD.

    Args:
        root: Folder of the repository.
        entries: Of dvc.lock.

    Raises:
        UserError: If the folder is no git repository.
    """
    command = ["git", "status", "--porcelain", "-z", "--no-renames", "--untracked-files=all"]
    command += ["--ignored", "--", "dvc.yaml", IGNORE, *code_of(entries)]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    if done.returncode:
        raise UserError(f"{root}: git can't tell what is committed: {done.stderr.strip()}")
    counts = _counting(_ignore_rules(root))
    return [line[3:] for line in done.stdout.split("\0") if line and counts(line[3:])]


def is_of_commit(root: Path, commit: str | None, entries: Iterable[Entry]) -> bool:
    """Return whether all code that some entries of a dvc.lock name is as in a commit.

    DVC writes dvc.lock as it goes, so that all but the first of a study's runs find a changed
    working tree. This tells whether any code was among the changes.

    Args:
        root: Folder of the repository.
        commit: Its digits, maybe with `+changes`; one that isn't known here has no code.
        entries: Of dvc.lock.
    """
    named, digits = code_of(entries), (commit or "").removesuffix(CHANGES)
    if not named:
        return True
    # Fails where the commit, or one of the paths in it, isn't there.
    archive = _git(root, "archive", "--format=tar", digits, "--", *named)
    if archive is None:
        return False
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        files = {
            member.name: hashlib.md5(content.read(), usedforsecurity=False).hexdigest()
            for member in tar
            if (content := tar.extractfile(member)) is not None
        }
    rules = _git(root, "show", f"{digits}:{IGNORE}") or b""
    return not _different(named, files, _counting(rules.decode()))


def folder_hash(files: Mapping[str, str]) -> str:
    """Return the hash that DVC gives to a folder.

    Args:
        files: The MD5 of each of its files that count, by its path in the folder.
    """
    listed = [{"md5": files[path], "relpath": path} for path in sorted(files)]
    text = json.dumps(listed, sort_keys=True)
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest() + ".dir"


def _different(
    named: Mapping[str, str], files: Mapping[str, str], counts: Callable[[str], bool]
) -> list[str]:
    """Return the paths that haven't the MD5 that is named, given that of each file there is."""
    different = []
    for path, md5 in named.items():
        members = {
            name.removeprefix(f"{path}/"): own
            for name, own in files.items()
            if name.startswith(f"{path}/") and counts(name)
        }
        if md5 != files.get(path, folder_hash(members)):
            different.append(path)
    return different


def _counting(rules: str) -> Callable[[str], bool]:
    """Return what tells whether a file counts, given the text of .dvcignore."""
    lines = [line for line in map(str.strip, rules.splitlines()) if line and line[0] != "#"]
    patterns = DvcIgnorePatterns(lines, "", "/")
    return lambda path: not patterns.matches("", path)


def _ignore_rules(root: Path) -> str:
    """Return the text of .dvcignore, which needn't be there."""
    return (root / IGNORE).read_text(encoding="utf-8") if (root / IGNORE).is_file() else ""


def _git(root: Path, *arguments: str) -> bytes | None:
    """Return what git wrote, or None where it failed."""
    done = subprocess.run(["git", *arguments], cwd=root, capture_output=True, check=False)
    return done.stdout if done.returncode == 0 else None
