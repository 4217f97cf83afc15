"""Whether the code that results depend on, as dvc.lock names it, is that of a commit.

dvc.lock names files and folders. A folder's hash is that of a list of its files, as far as
.dvcignore lets them count.
"""

import subprocess
from collections.abc import Iterable
from pathlib import Path

from dvc.repo import Repo
from dvc.scm import SCMError
from dvc_data.hashfile.build import build
from dvc_data.hashfile.db import HashFileDB

from resnet_depth.base.errors import UserError
from resnet_depth.commands.reproducing.lock import Entry

CODE = ("src/", "stages/")
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


def changed_code(root: Path, entries: Iterable[Entry], commit: str | None = None) -> list[str]:
    """Return the files and folders of code that aren't as some entries of a dvc.lock have them.

    Looked at is the code of a commit or, without one, what lies in the repository's folder.

    Raises:
        SCMError: If there is no such commit.
    """
    with Repo(str(root), rev=commit, uninitialized=True) as repo:
        return [path for path, md5 in code_of(entries).items() if _hash(repo, path) != md5]


def uncommitted_code(root: Path, entries: Iterable[Entry]) -> list[str]:
    """Return dvc.yaml, .dvcignore and the files of code that entries name, if not as in HEAD.

    Raises:
        UserError: If the folder is no git repository.
    """
    command = ["git", "status", "--porcelain", "-z", "--no-renames", "--untracked-files=all"]
    command += ["--ignored", "--", "dvc.yaml", ".dvcignore", *code_of(entries)]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    if done.returncode:
        raise UserError(f"{root}: git can't tell what is committed: {done.stderr.strip()}")
    paths = [line[3:] for line in done.stdout.split("\0") if line]
    with Repo(str(root), uninitialized=True) as repo:
        return [path for path in paths if not repo.dvcignore.is_ignored_file(str(root / path))]


def is_of_commit(root: Path, commit: str | None, entries: Iterable[Entry]) -> bool:
    """Return whether all code that some entries of a dvc.lock name is as in a commit.

    DVC writes dvc.lock as it goes, so that all but the first of a study's runs find a changed
    working tree. This tells whether any code was among the changes. `commit` are its digits, maybe
    with `+changes`; one that isn't known here has no code.
    """
    entries = list(entries)
    if not code_of(entries):
        return True
    try:
        return bool(commit and not changed_code(root, entries, commit.removesuffix(CHANGES)))
    except SCMError:
        return False


def _hash(repo: Repo, path: str) -> str | None:
    """Return the MD5 that DVC gives to a file or folder; None where there is none."""
    place = repo.fs.join(repo.root_dir, path)
    if not repo.fs.exists(place):
        return None
    # Nothing is stored there.
    database = HashFileDB(repo.fs, repo.root_dir)
    _, _, found = build(database, place, repo.fs, "md5", dry_run=True, ignore=repo.dvcignore)
    return str(found.hash_info.value)
