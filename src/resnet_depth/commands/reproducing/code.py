"""Whether the code that results depend on, as dvc.lock names it, is that of a commit."""

import hashlib
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from resnet_depth.base.errors import UserError
from resnet_depth.base.files import file_digest

CODE = ("src/", "stages/")
# What `provenance` appends to the commit of a working tree that differs from it.
CHANGES = "+changes"


def code_of(entries: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Return the MD5 of each file of code that some entries of a dvc.lock depend on, by path."""
    return {
        dep["path"]: dep["md5"]
        for entry in entries
        for dep in entry.get("deps", [])
        if dep["path"].startswith(CODE)
    }


def changed_code(root: Path, entries: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return the files of code that aren't as some entries of a dvc.lock have them.

    Args:
        root: Folder of the code.
        entries: Of dvc.lock.
    """
    return [
        path
        for path, digest in sorted(code_of(entries).items())
        if not (root / path).is_file() or file_digest(root / path, "md5") != digest
    ]


def uncommitted_code(root: Path, entries: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return dvc.yaml and the files of code that some entries name, if they differ from HEAD.

    Args:
        root: Folder of the repository.
        entries: Of dvc.lock.

    Raises:
        UserError: If the folder is no git repository.
    """
    command = ["git", "status", "--porcelain", "--untracked-files=all", "--ignored", "--"]
    command += ["dvc.yaml", *sorted(code_of(entries))]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    if done.returncode:
        raise UserError(f"{root}: git can't tell what is committed: {done.stderr.strip()}")
    return [line[3:] for line in done.stdout.splitlines()]


def is_of_commit(root: Path, commit: str | None, entries: Iterable[Mapping[str, Any]]) -> bool:
    """Return whether all code that some entries of a dvc.lock name is as in a commit.

    DVC writes dvc.lock as it goes, so that all but the first of a study's runs find a changed
    working tree. This tells whether any code was among the changes.

    Args:
        root: Folder of the repository.
        commit: Its digits, maybe with `+changes`; one that isn't known here has no code.
        entries: Of dvc.lock.
    """
    named = code_of(entries)
    asked = "".join(f"{(commit or '').removesuffix(CHANGES)}:{path}\n" for path in named)
    command = ["git", "cat-file", "--batch"]
    done = subprocess.run(command, cwd=root, input=asked.encode(), capture_output=True, check=False)
    answer = done.stdout
    for digest in named.values():
        # «<object> blob <size>», the content, a line's end; or «<name> missing».
        header, _, answer = answer.partition(b"\n")
        if not header or header.endswith(b" missing"):
            return False
        size = int(header.split()[-1])
        if hashlib.md5(answer[:size], usedforsecurity=False).hexdigest() != digest:
            return False
        answer = answer[size + 1 :]
    return True
