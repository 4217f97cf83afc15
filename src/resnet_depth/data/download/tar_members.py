"""Reading a tar that nobody has looked at: within limits, and without a traceback.

A few megabytes can unpack to terabytes, and a header can claim any size, so that nothing is read
before its size was weighed: what a tar's members account for is all that is unpacked of it.
"""

import bz2
import gzip
import lzma
import tarfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from resnet_depth.base.errors import UserError
from resnet_depth.base.messages import told
from resnet_depth.base.progress import progress
from resnet_depth.data.download.layout import LAYOUT, MOST_FILES
from resnet_depth.data.download.raw_files import MOST_IMAGE_BYTES

# By how a file of each kind begins; any other is read as it is.
UNPACKERS: dict[bytes, Callable[[BinaryIO], Any]] = {
    b"\x1f\x8b": gzip.open,
    b"BZh": bz2.open,
    b"\xfd7zXZ\0": lzma.open,
    b"]\0\0\x80": lzma.open,
}
CHUNK_BYTES = 2**20
# Of what stands before a member: long names and the like.
HEADER_BYTES = 2**20
# Image files hardly shrink, and uncompressed ones of a single colour a thousandfold.
MOST_RATIO = 100
# Below, a ratio says nothing: headers of small files shrink well.
SMALL_BYTES = 2**27


@dataclass(frozen=True)
class Member:
    """A member of a tar: its `kind` is folder, file, or a word for what else it is.

    `link` is the path of the member that a hard link repeats, else empty; `content` are a file's
    bytes in chunks, to be read before the next member is asked for.
    """

    path: str
    kind: str
    link: str
    content: Iterator[bytes]


class _Metered:
    """An unpacked tar, of which no more can be read than is left to read."""

    def __init__(self, file: Any) -> None:
        self.file = file
        self.left = HEADER_BYTES

    def read(self, size: int) -> bytes:
        """Return up to `size` bytes."""
        if self.left <= 0:
            raise tarfile.ReadError(f"a header has more than {HEADER_BYTES:,} bytes")
        content: bytes = self.file.read(size)
        self.left -= len(content)
        return content


class _Header(tarfile.TarInfo):
    """A member that is damaged is no end of the tar, as which `tarfile` takes it."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> "_Header":
        """Return the member of a header.

        Raises:
            ReadError: If the header is damaged, or there is none and no mark of the end either.
        """
        try:
            return super().frombuf(buf, encoding, errors)
        except tarfile.HeaderError as error:
            if buf and not any(buf):
                raise  # The mark of the end.
            raise tarfile.ReadError(f"{error}" if buf else "it ends before its end") from None


def read_members(source: Path, title: str) -> Iterator[Member]:
    """Yield the members of a tar, in any compression of `UNPACKERS`, in one pass.

    Raises:
        UserError: If it is damaged or beyond a limit: of members, of one file's size, or of how
            much more it is unpacked.
    """
    count = total = read = 0
    with _readable(source), source.open("rb") as raw, closing(_unpacked(raw)) as file:
        packed = source.stat().st_size
        metered: Any = _Metered(file)  # As much of a file as `tarfile` asks for.
        with (
            progress(title, packed, "bytes") as advance,
            tarfile.open(fileobj=metered, mode="r|", tarinfo=_Header) as tar,
        ):
            while (member := tar.next()) is not None:
                count, total = count + 1, total + member.size
                _require_modest(source, member, count, total, packed)
                # All of them together would take a kilobyte each.
                tar.members.clear()  # type: ignore[attr-defined]
                metered.left = member.size + HEADER_BYTES
                link = member.linkname if member.islnk() else ""
                yield Member(member.name, _kind(member), link, _content(source, tar, member))
                advance(raw.tell() - read)
                read = raw.tell()


def _unpacked(raw: BinaryIO) -> Any:
    """Return what a file holds, unpacked."""
    beginning = raw.read(6)
    raw.seek(0)
    for magic, unpacker in UNPACKERS.items():
        if beginning.startswith(magic):
            return unpacker(raw)
    return raw


@contextmanager
def _readable(source: Path) -> Iterator[None]:
    """Let what goes wrong while a tar is read be one line about it."""
    try:
        yield
    except UserError:
        raise
    except Exception as error:
        # A damaged header can raise nearly anything.
        reason = told(str(error)) or type(error).__name__
        raise UserError(f"{source}: can't be read as a tar ({reason}); {LAYOUT}") from None


def _content(source: Path, tar: tarfile.TarFile, member: tarfile.TarInfo) -> Iterator[bytes]:
    """Yield a file's bytes in chunks."""
    with _readable(source):
        file = tar.extractfile(member) if member.isreg() else None
        while file and (chunk := file.read(CHUNK_BYTES)):
            yield chunk


def _require_modest(
    source: Path, member: tarfile.TarInfo, count: int, total: int, packed: int
) -> None:
    """Refuse a tar at the member by which it gets too large."""
    name = f"{source}: {member.name!r}"
    if count > 2 * MOST_FILES:
        raise UserError(f"{source}: it has more than {2 * MOST_FILES:,} members; take fewer")
    if not 0 <= member.size <= MOST_IMAGE_BYTES:
        raise UserError(
            f"{name} has {member.size:,} bytes; allowed: at most {MOST_IMAGE_BYTES:,} an image"
        )
    if total > max(SMALL_BYTES, MOST_RATIO * packed):
        raise UserError(
            f"{name} is where it unpacks to {total:,} bytes, of {packed:,}; allowed: "
            f"{MOST_RATIO} times as many; unpack it yourself and name the folder if it is right"
        )


def _kind(member: tarfile.TarInfo) -> str:
    """Return what a member of a tar is."""
    if member.islnk():
        return "hard link to no image before it"
    if member.issym():
        return "link"
    return "folder" if member.isdir() else "file" if member.isreg() else "special file"
