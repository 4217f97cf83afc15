"""What lies where in a folder or tar of images: `train/<class>/<image>`, `test/<class>/<image>`.

Nothing is opened here; paths alone are looked at. They are compared in Unicode's form NFC: macOS
decomposes accents, and the same names are then the same dataset there and elsewhere.
"""

import unicodedata
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from resnet_depth.base.errors import UserError
from resnet_depth.data.download.raw_files import is_plain

PARTS = ("train", "test")
# part, class, file
LEVELS = 3
LAYOUT = (
    "allowed: a folder or tar with train/<class>/<image> and test/<class>/<image>, at its top or "
    "inside one folder"
)
# Left by Windows wherever pictures were looked at; what macOS leaves is hidden.
OF_THE_SYSTEM = ("thumbs.db", "desktop.ini")
# More than ImageNet has; each takes about a kilobyte of memory.
MOST_FILES = 2**21


def is_passed_over(name: str) -> bool:
    """Return whether a file or folder is no part of a dataset: hidden, or left by the system."""
    return name.startswith(".") or name.lower() in OF_THE_SYSTEM


def in_one_form(path: str) -> PurePosixPath:
    """Return a path by which others that are the same can be found."""
    return PurePosixPath(unicodedata.normalize("NFC", path))


@dataclass
class Layout:
    """What was seen of a source so far, and the checks of its paths."""

    source: Path
    top: str | None = None
    names: set[str] = field(default_factory=set)
    folders: dict[str, set[str]] = field(default_factory=lambda: {part: set() for part in PARTS})
    filled: dict[str, set[str]] = field(default_factory=lambda: {part: set() for part in PARTS})
    passed_over: set[PurePosixPath] = field(default_factory=set)

    def accept(self, path: str, kind: str) -> str | None:
        """Return a file's name from `train/` or `test/` on; None for one that is no image.

        Args:
            path: As the source gives it, with slashes.
            kind: folder, file, or another word that says what it is.

        Raises:
            UserError: If it has no place in a dataset, or is one too many.
        """
        pure = in_one_form(path)
        if pure.is_absolute() or ".." in pure.parts or not is_plain(path):
            raise self.refusal(f"{path!r} is an unsafe path")
        for path_so_far in (*reversed(pure.parents), pure):
            if is_passed_over(path_so_far.name):
                self.passed_over.add(path_so_far)
                return None
        if not pure.parts:
            return None
        if kind not in ("folder", "file"):
            raise self.refusal(f"{path} is a {kind}")
        parts = self._below_top(pure.parts, path, kind)
        if kind == "folder":
            if len(parts) == LEVELS:
                raise self.refusal(f"{path} is a stray folder")
            if len(parts) > 1:
                self.folders[parts[0]].add(parts[1])
            return None
        if len(parts) != LEVELS:
            raise self.refusal(f"{path} is a stray file")
        name = "/".join(parts)
        if name in self.names:
            raise self.refusal(f"{path} is there twice")
        if len(self.names) == MOST_FILES:
            raise self.refusal(f"it has more than {MOST_FILES:,} images")
        self.names.add(name)
        self.filled[parts[0]].add(parts[1])
        return name

    def _below_top(self, parts: tuple[str, ...], path: str, kind: str) -> tuple[str, ...]:
        """Return the parts of a path without the one folder that may hold everything."""
        if self.top is None and (kind == "folder" or len(parts) > 1):
            self.top = "" if parts[0] in PARTS else parts[0]
        below = parts[1:] if self.top else parts
        if (self.top and parts[0] != self.top) or (below and below[0] not in PARTS):
            raise self.refusal(f"{path} is a stray {kind}")
        return below

    def check_classes(self) -> None:
        """Refuse parts without classes, classes without files and classes of one part only."""
        for part in PARTS:
            if not self.folders[part] | self.filled[part]:
                raise self.refusal(f"it has no {part}/<class>/")
            if empty := self.folders[part] - self.filled[part]:
                raise self.refusal(f"the class {part}/{min(empty)} is empty")
        train, test = (self.filled[part] for part in PARTS)
        if unmatched := train ^ test:
            name = min(unmatched)
            have, lack = PARTS if name in train else PARTS[::-1]
            raise self.refusal(f"the class {name} is in {have}/ but not in {lack}/")

    def refusal(self, fault: str) -> UserError:
        """Return the error about the source."""
        return UserError(f"{self.source}: {fault}; {LAYOUT}")
