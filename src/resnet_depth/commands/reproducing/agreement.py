"""Whether the entries of a dvc.lock agree: what a stage has read is what the lock has of it now.

`dvc repro --allow-missing` asks less where files are missing: that a whole output, under the same
path, has the hash that its reader had (https://github.com/treeverse/dvc/issues/11099). Of folders
that others write into it asks nothing. What `summarize` and `report` have read in such folders
stands in a file that git keeps; that it is true shows the hash in the lock, which is made of it.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath

from dvc.repo import Repo

from resnet_depth.base.files import read_json
from resnet_depth.commands.reproducing.lock import INPUT_LISTS, Entry


def disagreements(repo: Repo, entries: Mapping[str, Entry]) -> list[tuple[str, str]]:
    """Return each path that a stage has read otherwise, with the stage's instance.

    `entries` are those of a study, by instance.
    """
    outs = {path: md5 for entry in entries.values() for path, md5 in entry.outs.items()}
    return [
        (path, name)
        for name, entry in entries.items()
        for path in _read_otherwise(entry, outs, listed_files(repo, entry.outs))
    ]


def folder_md5(folder: str, files: Mapping[str, str]) -> str:
    """Return the hash that DVC gives to a folder of which the files' MD5s are known, by path."""
    members = sorted(
        (PurePosixPath(path).relative_to(folder).parts, md5)
        for path, md5 in files.items()
        if path.startswith(f"{folder}/")
    )
    listed = [{"md5": md5, "relpath": "/".join(parts)} for parts, md5 in members]
    text = json.dumps(listed, sort_keys=True)
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest() + ".dir"


def listed_files(repo: Repo, outs: Iterable[str]) -> dict[str, str]:
    """Return what stages wrote down of the folders that they read: each file's MD5, by its path.

    `outs` are their outputs, of which the lists are read that are there.
    """
    root = Path(repo.root_dir)
    lists = [root / path for path in outs if path.endswith(INPUT_LISTS)]
    files = {path: md5 for each in lists if each.is_file() for path, md5 in read_json(each).items()}
    ignored = repo.dvcignore.is_ignored_file
    return {path: md5 for path, md5 in files.items() if not ignored(str(root / path))}


def _read_otherwise(
    entry: Entry, outs: Mapping[str, str], files: Mapping[str, str]
) -> Iterable[str]:
    """Yield the paths among other stages' outputs that an entry has read with another hash."""
    for path, md5 in entry.deps.items():
        if path in outs:
            if outs[path] != md5:
                yield path
            continue
        inner = [out for out in outs if out.startswith(f"{path}/")]
        # Of a part of an output nothing can be known.
        if any(path.startswith(f"{out}/") for out in outs) or (
            inner and folder_md5(path, files) != md5
        ):
            yield path
            continue
        for out in inner:
            found = folder_md5(out, files) if outs[out].endswith(".dir") else files.get(out)
            if found != outs[out]:
                yield out
