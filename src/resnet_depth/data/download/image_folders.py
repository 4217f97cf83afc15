"""Images in folders, `train/<class>/<image>` and `test/<class>/<image>`, on disk or in a tar."""

import hashlib
import sys
import tarfile
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from resnet_depth.base.errors import UserError
from resnet_depth.base.progress import progress
from resnet_depth.data.download.layout import LAYOUT, Layout, in_one_form, is_passed_over
from resnet_depth.data.download.raw_files import MOST_IMAGE_BYTES, manifest_digest
from resnet_depth.data.download.tar_members import CHUNK_BYTES, read_members


@dataclass(frozen=True, order=True)
class ImageFile:
    """One file: its path from `train/` or `test/` on, and where a spool holds its bytes."""

    name: str
    sha256: str
    offset: int
    size: int


def spool_images(source: Path, spool: BinaryIO, title: str) -> list[ImageFile]:
    """Append the bytes of every image to a spool, in the order of the source.

    A spool is used since a compressed tar can be read in its own order only. What is hidden or
    left by the system, such as Thumbs.db, is passed over, and one line says how much. A hard link
    in a tar is the file that it repeats.

    Args:
        source: A folder, or a tar, also one compressed by gzip, bzip2 or xz.
        spool: An empty file open for writing.
        title: What is read, for the progress display.

    Returns:
        The files, sorted by name; each part has the same classes and each class a file.

    Raises:
        UserError: If the source doesn't exist, can't be read or is beyond a limit, or by name of
            what in it is a stray file, a link, an unsafe path, given twice, or an empty or
            unmatched class.
    """
    layout = Layout(source)
    if source.is_dir():
        files = _spool_folder(source, layout, spool, title)
    elif source.is_file():
        files = _spool_tar(source, layout, spool, title)
    else:
        raise UserError(f"{source}: no such folder or file; {LAYOUT}")
    layout.check_classes()
    if kinds := Counter(path.name for path in sorted(layout.passed_over)):
        told = ", ".join(f"{name} ({count:,})" for name, count in kinds.most_common(3))
        rest = ", …" if len(kinds) > 3 else ""
        print(f"{source.name}: passed over {kinds.total():,}: {told}{rest}", file=sys.stderr)
    return sorted(files)


def content_digest(files: list[ImageFile]) -> str:
    """Return the digest of the content of sorted files, see `raw_files`."""
    return manifest_digest((file.name, file.sha256) for file in files)


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


def _spool_folder(source: Path, layout: Layout, spool: BinaryIO, title: str) -> list[ImageFile]:
    """Spool the images of a folder, once all paths were found right."""
    paths = []
    for path, kind in _walk(source):
        if name := layout.accept(path.relative_to(source).as_posix(), kind):
            paths.append((name, path))
    files = []
    with progress(title, len(paths), "images") as advance:
        for name, path in paths:
            files.append(_append(name, _chunks(path), spool))
            advance(1)
    return files


def _walk(folder: Path) -> Iterator[tuple[Path, str]]:
    """Yield every path below a folder, a folder before what it holds; nothing in a hidden one."""
    try:
        paths = sorted(folder.iterdir())
    except OSError as error:
        raise UserError(f"{folder}: {error.strerror}; {LAYOUT}") from None
    for path in paths:
        kind = "link" if path.is_symlink() else "folder" if path.is_dir() else "file"
        yield path, kind if kind != "file" or path.is_file() else "special file"
        if kind == "folder" and not is_passed_over(path.name):
            yield from _walk(path)


def _chunks(path: Path) -> Iterator[bytes]:
    """Yield a file's bytes in chunks."""
    try:
        with path.open("rb") as file:
            if (size := path.stat().st_size) > MOST_IMAGE_BYTES:
                raise UserError(
                    f"{path} has {size:,} bytes; allowed: at most {MOST_IMAGE_BYTES:,} an image"
                )
            while chunk := file.read(CHUNK_BYTES):
                yield chunk
    except OSError as error:
        raise UserError(f"{path}: {error.strerror}; make it readable or remove it") from None


def _spool_tar(source: Path, layout: Layout, spool: BinaryIO, title: str) -> list[ImageFile]:
    """Spool the images of a tar in one pass; a hard link has the bytes of a member before it."""
    found: dict[PurePosixPath, ImageFile] = {}
    for member in read_members(source, title):
        linked = found.get(in_one_form(member.link)) if member.link else None
        name = layout.accept(member.path, "file" if linked else member.kind)
        if name and linked:
            found[in_one_form(member.path)] = replace(linked, name=name)
        elif name:
            found[in_one_form(member.path)] = _append(name, member.content, spool)
    return list(found.values())


def _append(name: str, chunks: Iterable[bytes], spool: BinaryIO) -> ImageFile:
    """Add a file's bytes to the spool; return where they are."""
    offset, digest = spool.tell(), hashlib.sha256()
    for chunk in chunks:
        digest.update(chunk)
        spool.write(chunk)
    return ImageFile(name, digest.hexdigest(), offset, spool.tell() - offset)
