"""Whether the code that results depend on, as dvc.lock names it, is that of a commit.

dvc.lock names files and folders. A folder's hash is that of a list of its files, as far as
.dvcignore lets them count; which of them changed, history tells.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path

from dvc.repo import Repo
from dvc.scm import SCMError
from dvc_data.hashfile.build import build
from dvc_data.hashfile.db import HashFileDB

from resnet_depth.commands.git import git, git_if_it_can
from resnet_depth.commands.reproducing.lock import Entry

CODE = ("src/", "stages/")
# What `environment` appends to the commit of a working tree that differs from it.
CHANGES = "+changes"
# So many of the commits that changed a path are looked at, the last ones first.
MOST_COMMITS = 50


def code_of(entries: Iterable[Entry]) -> dict[str, set[str]]:
    """Return the MD5s of each file and folder of code that entries depend on, by path.

    A path has several where some entries were made later than others, by other code.
    """
    found: dict[str, set[str]] = {}
    for entry in entries:
        for path, md5 in sorted(entry.deps.items()):
            if path.startswith(CODE):
                found.setdefault(path, set()).add(md5)
    return found


def changed_code(root: Path, entries: Iterable[Entry], commit: str | None = None) -> list[str]:
    """Return the files and folders of code that aren't as some entries of a dvc.lock have them.

    Looked at is the code of a commit or, without one, what lies in the repository's folder.

    Raises:
        SCMError: If there is no such commit.
    """
    return list(_other_code(root, entries, commit))


def changed_files(root: Path, entries: Mapping[str, Entry]) -> dict[str, list[str]]:
    """Return the files of code that aren't as a dvc.lock has them, with the entries that say so.

    In place of a folder stand its files that changed since history last had the folder with that
    hash; the folder itself where that was never committed.
    """
    found: dict[str, list[str]] = {}
    for path, md5s in _other_code(root, entries.values()).items():
        for md5 in md5s:
            readers = [name for name, entry in entries.items() if entry.deps.get(path) == md5]
            for file in _files_since(root, path, md5):
                found[file] = list(dict.fromkeys([*found.get(file, []), *readers]))
    return found


def line_changes(
    root: Path, was: str, now: str | None, paths: Iterable[str]
) -> dict[str, tuple[str, str]] | None:
    """Return how many lines were added and removed from one commit to another, by file.

    Without `now` the later state is that of the working tree, files that git doesn't know
    included. Only the files and folders `paths` are looked at, and there what counts for DVC. A
    binary file's numbers are `-`.

    Returns:
        None where a commit isn't known here.
    """
    command = ["diff", "--numstat", "-z", "--no-renames", was, *([now] if now else [])]
    said = git_if_it_can(root, *command, "--", *paths)
    if said is None:
        return None
    rows = [row.split("\t") for row in said.split("\0") if row]
    found = {path: (added, removed) for added, removed, path in rows}
    others = ["ls-files", "--others", "--exclude-standard", "-z", "--", *paths]
    for path in [] if now else git(root, *others).split("\0"):
        if path:
            found[path] = str((root / path).read_bytes().count(b"\n")), "0"
    with Repo(str(root), uninitialized=True) as repo:
        counts = [path for path in found if not repo.dvcignore.is_ignored_file(str(root / path))]
    return {path: found[path] for path in sorted(counts)}


def uncommitted_code(root: Path, entries: Iterable[Entry]) -> list[str]:
    """Return dvc.yaml, .dvcignore and the files of code that entries name, if not as in HEAD.

    Raises:
        GitError: If the folder is no git repository.
    """
    command = ["status", "--porcelain", "-z", "--no-renames", "--untracked-files=all"]
    command += ["--ignored", "--", "dvc.yaml", ".dvcignore", *code_of(entries)]
    paths = [line[3:] for line in git(root, *command).split("\0") if line]
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


def _other_code(
    root: Path, entries: Iterable[Entry], commit: str | None = None
) -> dict[str, list[str]]:
    """Return the hashes that entries have of code and that it hasn't, by path; see above."""
    with Repo(str(root), rev=commit, uninitialized=True) as repo:
        others = {
            path: sorted(md5s - {md5_of(repo, path) or ""})
            for path, md5s in code_of(entries).items()
        }
    return {path: md5s for path, md5s in others.items() if md5s}


def _files_since(root: Path, path: str, md5: str) -> list[str]:
    """Return the files of a path that changed since it had a hash; itself where none had."""
    history = ["log", f"--max-count={MOST_COMMITS}", "--format=%H", "--", path]
    for commit in (git_if_it_can(root, *history) or "").split():
        with Repo(str(root), rev=commit, uninitialized=True) as repo:
            if md5_of(repo, path) == md5:
                return list(line_changes(root, commit, None, [path]) or [path])
    return [path]


def md5_of(repo: Repo, path: str) -> str | None:
    """Return the MD5 that DVC gives to a file or folder; None where there is none."""
    place = repo.fs.join(repo.root_dir, path)
    if not repo.fs.exists(place):
        return None
    # Nothing is stored there.
    database = HashFileDB(repo.fs, repo.root_dir)
    _, _, found = build(database, place, repo.fs, "md5", dry_run=True, ignore=repo.dvcignore)
    return str(found.hash_info.value)
