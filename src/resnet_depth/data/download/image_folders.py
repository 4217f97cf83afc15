"""Images in folders, `train/<class>/<image>` and `test/<class>/<image>`, on disk or in a tar.

Their content has a digest of its own, the same for a folder and for any tar of it: the SHA-256
of a manifest with a line `<SHA-256 of the file>  <path>` a file, in the byte order of the paths.
Inside the folder this gives the same:

    find train test -type f ! -path '*/.*' -print0 | LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum
"""  # noqa: E501 - a command to copy

import hashlib
import lzma
import tarfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from resnet_depth.base.errors import UserError
from resnet_depth.base.progress import progress

PARTS = ("train", "test")
# part, class, file
LEVELS = 3
LAYOUT = (
    "allowed: a folder or tar with train/<class>/<image> and test/<class>/<image>, at its top or "
    "inside one folder"
)
UNREADABLE = (tarfile.TarError, EOFError, zlib.error, lzma.LZMAError, OSError)


@dataclass(frozen=True, order=True)
class ImageFile:
    """One file: its path from `train/` or `test/` on, and where a spool holds its bytes."""

    name: str
    sha256: str
    offset: int
    size: int


def spool_images(source: Path, spool: BinaryIO, title: str) -> list[ImageFile]:
    """Append the bytes of every image to a spool, in the order of the source.

    A spool is used since a compressed tar can be read in its own order only. Files and folders
    whose name begins with a dot are passed over.

    Args:
        source: A folder, or a tar in any compression that tarfile reads.
        spool: An empty file open for writing.
        title: What is read, for the progress display.

    Returns:
        The files, sorted by name; each part has the same classes and each class a file.

    Raises:
        UserError: If the source doesn't exist or can't be read, or by name of what in it is a
            stray file, a link, an unsafe path, given twice, or an empty or unmatched class.
    """
    layout = _Layout(source)
    if source.is_dir():
        files = _spool_folder(source, layout, spool, title)
    elif source.is_file():
        files = _spool_tar(source, layout, spool, title)
    else:
        raise UserError(f"{source}: no such folder or file; {LAYOUT}")
    layout.check_classes()
    return sorted(files)


def content_digest(files: list[ImageFile]) -> str:
    """Return `sha256:` and the digest of the content of sorted files; see this module's text."""
    manifest = hashlib.sha256()
    for file in files:
        manifest.update(f"{file.sha256}  {file.name}\n".encode())
    return f"sha256:{manifest.hexdigest()}"


def write_tar(files: list[ImageFile], spool: BinaryIO, path: Path) -> None:
    """Write the files of a spool, in the order given, as an uncompressed tar.

    Its bytes depend on their names and content only.
    """
    with tarfile.open(path, "w", format=tarfile.PAX_FORMAT) as tar:
        for file in files:
            # A new TarInfo has no times and no owner.
            member = tarfile.TarInfo(file.name)
            member.size = file.size
            spool.seek(file.offset)
            tar.addfile(member, spool)


@dataclass
class _Layout:
    """What was seen of a source so far, and the checks of its paths."""

    source: Path
    top: str | None = None
    names: set[str] = field(default_factory=set)
    folders: dict[str, set[str]] = field(default_factory=lambda: {part: set() for part in PARTS})
    filled: dict[str, set[str]] = field(default_factory=lambda: {part: set() for part in PARTS})

    def accept(self, path: str, kind: str) -> str | None:
        """Return a file's name from `train/` or `test/` on; None for a folder or a hidden path.

        Args:
            path: As the source gives it, with slashes.
            kind: folder, file, or another word that says what it is.
        """
        pure = PurePosixPath(path)
        # Below, that it means the same on every system and fits a line of the manifest.
        plain = path.isprintable() and "\\" not in path
        if pure.is_absolute() or ".." in pure.parts or not plain:
            raise self._refusal(f"{path!r} is an unsafe path")
        if not pure.parts or any(name.startswith(".") for name in pure.parts):
            return None
        if kind not in ("folder", "file"):
            raise self._refusal(f"{path} is a {kind}")
        parts = self._below_top(pure.parts, path, kind)
        if kind == "folder":
            if len(parts) == LEVELS:
                raise self._refusal(f"{path} is a stray folder")
            if len(parts) > 1:
                self.folders[parts[0]].add(parts[1])
            return None
        if len(parts) != LEVELS:
            raise self._refusal(f"{path} is a stray file")
        name = "/".join(parts)
        if name in self.names:
            raise self._refusal(f"{path} is there twice")
        self.names.add(name)
        self.filled[parts[0]].add(parts[1])
        return name

    def _below_top(self, parts: tuple[str, ...], path: str, kind: str) -> tuple[str, ...]:
        """Return the parts of a path without the one folder that may hold everything."""
        if self.top is None and (kind == "folder" or len(parts) > 1):
            self.top = "" if parts[0] in PARTS else parts[0]
        below = parts[1:] if self.top else parts
        if (self.top and parts[0] != self.top) or (below and below[0] not in PARTS):
            raise self._refusal(f"{path} is a stray {kind}")
        return below

    def check_classes(self) -> None:
        """Refuse parts without classes, classes without files and classes of one part only."""
        for part in PARTS:
            if not self.folders[part] | self.filled[part]:
                raise self._refusal(f"it has no {part}/<class>/")
            if empty := self.folders[part] - self.filled[part]:
                raise self._refusal(f"the class {part}/{min(empty)} is empty")
        train, test = (self.filled[part] for part in PARTS)
        if unmatched := train ^ test:
            name = min(unmatched)
            have, lack = PARTS if name in train else PARTS[::-1]
            raise self._refusal(f"the class {name} is in {have}/ but not in {lack}/")

    def _refusal(self, fault: str) -> UserError:
        """Return the error about the source."""
        return UserError(f"{self.source}: {fault}; {LAYOUT}")


def _spool_folder(source: Path, layout: _Layout, spool: BinaryIO, title: str) -> list[ImageFile]:
    """Spool the images of a folder, once all paths were found right."""
    paths = []
    for path, kind in _walk(source):
        if name := layout.accept(path.relative_to(source).as_posix(), kind):
            paths.append((name, path))
    files = []
    with progress(title, len(paths), "images") as advance:
        for name, path in paths:
            files.append(_append(name, path.read_bytes(), spool))
            advance(1)
    return files


def _walk(folder: Path) -> Iterator[tuple[Path, str]]:
    """Yield every path below a folder but the hidden, a folder before what it holds."""
    for path in sorted(folder.iterdir()):
        if path.name.startswith("."):
            continue
        kind = "link" if path.is_symlink() else "folder" if path.is_dir() else "file"
        yield path, kind if kind != "file" or path.is_file() else "special file"
        if kind == "folder":
            yield from _walk(path)


def _spool_tar(source: Path, layout: _Layout, spool: BinaryIO, title: str) -> list[ImageFile]:
    """Spool the images of a tar in one pass."""
    return [
        _append(name, content, spool)
        for path, kind, content in _members(source, title)
        if (name := layout.accept(path, kind))
    ]


def _members(source: Path, title: str) -> Iterator[tuple[str, str, bytes]]:
    """Yield path, kind and bytes of each member of a tar."""
    try:
        size = source.stat().st_size
        with (
            progress(title, size, "bytes") as advance,
            source.open("rb") as raw,
            tarfile.open(fileobj=raw, mode="r|*") as tar,
        ):
            read = 0
            for member in tar:
                file = tar.extractfile(member) if member.isreg() else None
                yield member.name, _kind(member), file.read() if file else b""
                advance(raw.tell() - read)
                read = raw.tell()
    except UNREADABLE as error:
        raise UserError(f"{source}: can't be read as a tar ({error}); {LAYOUT}") from None


def _kind(member: tarfile.TarInfo) -> str:
    """Return what a member of a tar is."""
    if member.issym() or member.islnk():
        return "link"
    return "folder" if member.isdir() else "file" if member.isreg() else "special file"


def _append(name: str, content: bytes, spool: BinaryIO) -> ImageFile:
    """Add a file's bytes to the spool; return where they are."""
    offset = spool.tell()
    spool.write(content)
    return ImageFile(name, hashlib.sha256(content).hexdigest(), offset, len(content))
