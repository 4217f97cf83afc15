"""Keeping dvc.lock whole: it is replaced in one step, and where a part is missing it is restored.

DVC empties the file and writes it anew after each stage; killed meanwhile it leaves a part, which
may be valid YAML. What a lock lacks costs nothing but the time to find it in DVC's run-cache.
"""

import re
import shutil
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from dvc.lock import make_lock
from dvc.utils.serialize import dumps_yaml, modify_yaml
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from resnet_depth.base.files import replacing_file, write_text
from resnet_depth.commands.git import git, git_if_it_can

LOCK = "dvc.lock"
# DVC's own folder, which git ignores.
TEMPORARY = Path(".dvc") / "tmp"
# A lock that DVC has written, as a whole and entry by entry.
HEAD = "schema: '2.0'\nstages:\n"
# Within a text of several lines an entry has empty ones.
_ENTRY = r"  (\S.*):\n(?:\n*   .*\n)+"
ENTRY = re.compile(rf"^{_ENTRY}", re.MULTILINE)
PLAIN = re.compile(rf"{re.escape(HEAD)}(?:{_ENTRY})+")


class Entries(MutableMapping[str, Any]):
    """A lock's entries, kept as text in DVC's form; one is parsed when it is asked for.

    To parse and to write all of them takes DVC five seconds where there are 60 runs.
    """

    def __init__(self, text: str) -> None:
        """Find them in a lock's text."""
        self._texts = {found[1]: found[0] for found in ENTRY.finditer(text)}
        self._parsed: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        """Return an entry, which may be changed."""
        if name not in self._parsed:
            self._parsed[name] = _parsed(self._texts[name])
        return self._parsed[name]

    def __setitem__(self, name: str, entry: Any) -> None:
        """Put an entry in the place of its earlier one, or at the end."""
        (found,) = ENTRY.finditer(dumps_yaml({"stages": {name: entry}}))
        self._texts[found[1]] = found[0]
        self._parsed.pop(name, None)

    def __delitem__(self, name: str) -> None:
        """Forget an entry."""
        del self._texts[name]
        self._parsed.pop(name, None)

    def __iter__(self) -> Iterator[str]:
        """Return the names, in the order of the lock."""
        return iter(self._texts)

    def __len__(self) -> int:
        """Return their number."""
        return len(self._texts)

    def text(self) -> str:
        """Return the lock's text."""
        for name, entry in list(self._parsed.items()):
            if entry != _parsed(self._texts[name]):
                self[name] = entry
        return HEAD + "".join(self._texts.values())


def _parsed(text: str) -> Any:
    (entry,) = YAML(typ="safe").load(text).values()
    return entry


@contextmanager
def modify_whole(path: Path) -> Iterator[dict[str, Any]]:
    """Yield what a lock says; what the block makes of it replaces the file in one step.

    This holds for DVC's `modify_yaml` as well, but that the file is replaced, and that of a lock in
    DVC's form only entries that are asked for are parsed.
    """
    with replacing_file(path) as temporary:
        text = _read(path)
        if PLAIN.fullmatch(text):
            content: dict[str, Any] = {"schema": "2.0", "stages": Entries(text)}
            yield content
            temporary.write_bytes(_as_text(content).encode("utf-8"))
        else:
            if text:
                shutil.copyfile(path, temporary)
            with modify_yaml(str(temporary)) as content:
                yield content


def _as_text(content: dict[str, Any]) -> str:
    """Return the text of a lock as DVC writes it."""
    stages = content.get("stages")
    if isinstance(stages, Entries):
        if stages and list(content) == ["schema", "stages"]:
            return stages.text()
        content = content | {"stages": dict(stages)}
    return str(dumps_yaml(content))


def keep(root: Path) -> None:
    """Keep a copy of a dvc.lock that was just written, from which `mend` restores it."""
    text, copy = _read(root / LOCK), _copy(root)
    if text != _read(copy) and _places(text):
        for older in copy.parent.glob("kept-*.lock"):
            older.unlink(missing_ok=True)
        write_text(copy, text)


def mend(root: Path) -> str | None:
    """Restore a dvc.lock that is empty or cut off; keep a copy of one that is whole.

    It comes from the last copy, else from git's HEAD; where neither is whole the file is removed.
    What was there is kept as .dvc/tmp/cut.lock. A dvc.lock that isn't there is left alone.

    Returns:
        A line that says what was done, if anything was.
    """
    lock = root / LOCK
    if not lock.exists() or _is_whole(root, _read(lock)):
        keep(root)
        return None
    # Maybe DVC is at work on it.
    with locked_by_dvc(root, "lock"):
        if _is_whole(root, text := _read(lock)):
            return None
        write_text(root / TEMPORARY / "cut.lock", text)
        sources = {"the copy of its last state": _read(_copy(root)), "git's HEAD": _of_head(root)}
        for name, source in sources.items():
            if _places(source):
                write_text(lock, source)
                return f"{LOCK} was {_cut(text)}; restored from {name}"
        lock.unlink()
        return f"{LOCK} was {_cut(text)}, and git has none; DVC's cache has what was made"


@contextmanager
def locked_by_dvc(root: Path, name: str) -> Iterator[None]:
    """Hold a lock of DVC's, a file in its folder; wait for whoever has it."""
    folder = root / TEMPORARY
    folder.mkdir(parents=True, exist_ok=True)
    with make_lock(str(folder / name), tmp_dir=str(folder), wait=True):
        yield


def _cut(text: str) -> str:
    return "cut off" if text else "empty"


def _is_whole(root: Path, text: str) -> bool:
    """Return whether a lock has all that was written into it, as far as can be told.

    One that ends sooner than its last copy, and is the same until there, was cut off between two
    lines, unless git knows it: it may be of another commit.
    """
    kept = _read(_copy(root)) or _of_head(root)
    if text and text == kept:
        return True
    places, earlier = _places(text), _places(kept)
    if not places or not earlier or places == earlier:
        return bool(places)
    return earlier[: len(places)] != places or _is_known_to_git(root)


def _places(text: str) -> list[tuple[str, str]]:
    """Return stage and path of every hash in a lock, in order; nothing where a part is missing."""
    try:
        stages = YAML(typ="safe").load(text)["stages"]
        found = [
            (name, file)
            for name, entry in stages.items()
            for file in [*entry.get("deps", []), *entry["outs"]]
        ]
        whole = text.endswith("\n") and all(
            re.fullmatch(r"[0-9a-f]{32}(\.dir)?", file["md5"])
            and {"size"} | ({"nfiles"} if file["md5"].endswith(".dir") else set()) <= file.keys()
            for _, file in found
        )
        return [(name, file["path"]) for name, file in found] if whole else []
    except (YAMLError, TypeError, KeyError, AttributeError):
        return []


def _copy(root: Path) -> Path:
    """Return the place of the copy, named by git's version that it followed.

    After a commit or a pull, git has what is newer.
    """
    version = git_if_it_can(root, "rev-parse", "--verify", "--quiet", f"HEAD:./{LOCK}") or ""
    return root / TEMPORARY / f"kept-{version.strip()[:12]}.lock"


def _of_head(root: Path) -> str:
    return git_if_it_can(root, "show", f"HEAD:./{LOCK}") or ""


def _is_known_to_git(root: Path) -> bool:
    blob = git(root, "hash-object", LOCK).strip()
    return git_if_it_can(root, "cat-file", "-t", blob) is not None


def _read(path: Path) -> str:
    """Return a file's text, whatever became of it; nothing where there is none."""
    return path.read_bytes().decode("utf-8", "replace") if path.is_file() else ""
