"""One host at work: it brings a file, or is left and has spoilt nothing."""

import hashlib
import shutil
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryFile
from typing import BinaryIO
from urllib.parse import urlsplit

import requests
from urllib3.exceptions import ReadTimeoutError

from resnet_depth.base.messages import told
from resnet_depth.base.progress import Advance, progress
from resnet_depth.data.fetching.answer import FAULTS, HostError, open_answer
from resnet_depth.data.fetching.settings import Limits
from resnet_depth.data.fetching.waiting import within

RECONNECTIONS = 5
CHUNK_BYTES = 2**16


class _BrokenOffError(HostError):
    """The connection ended early; the same host may go on from there."""


class _StartOverError(HostError):
    """What it goes on with doesn't fit; all of it, from the beginning, may be right."""


class _TooLargeError(HostError):
    """What came is more than the file has."""


@dataclass(frozen=True)
class Host:
    """An address that may serve the file.

    Attributes:
        title: What is fetched, for the progress display.
        address: Of http or https.
        limits: When it is left.
    """

    title: str
    address: str
    limits: Limits

    def bring(self, digest: str, part: BinaryIO) -> str:
        """Complete a part to the file that begins with it, and return that file's whole digest.

        Args:
            digest: That of the file, or its beginning.
            part: What has arrived so far, open for reading and appending. If the host fails, it
                still begins with that; what the host brought follows unless it is known to be
                wrong.

        Raises:
            HostError: If the host doesn't bring it.
        """
        with suppress(_StartOverError):
            return self._complete(digest, part)
        # Once, and beside what has arrived, which a page that says «busy» would replace.
        with TemporaryFile(dir=Path(part.name).parent) as anew:
            try:
                actual = self._complete(digest, anew)
            except HostError:
                _prolong(part, anew)
                raise
            part.truncate(0)
            anew.seek(0)
            shutil.copyfileobj(anew, part)
            return actual

    def _complete(self, digest: str, file: BinaryIO) -> str:
        """Append what is missing and return the digest, once that is right."""
        before = size(file)
        try:
            continued = self._receive_all(file)
        except _TooLargeError:
            file.truncate(before)
            raise
        actual = digest_of(file, digest)
        if actual.startswith(digest):
            return actual
        file.truncate(before)
        # Where it was put together, the fault may lie in what was there before.
        raise (_StartOverError if continued else HostError)(
            f"its content has the digest {actual} instead of {digest}"
        )

    def _receive_all(self, file: BinaryIO) -> bool:
        """Receive until the end, connecting again after a break as long as that brings more.

        Returns whether the last connection went on with what was there before.
        """
        for attempts_left in reversed(range(RECONNECTIONS + 1)):
            before = size(file)
            try:
                self._receive(file, before)
                break
            except _BrokenOffError:
                if not attempts_left or size(file) <= before:
                    raise
            finally:
                file.flush()
        return before > 0

    def _receive(self, file: BinaryIO, offset: int) -> None:
        """Append what one connection brings from an offset on, the file's present size."""
        with open_answer(self.address, offset, self.limits) as response:
            if offset and response.status_code == requests.codes.requested_range_not_satisfiable:
                # Nothing is left to send; the digest tells whether what is there is the file.
                return
            if offset and response.status_code == requests.codes.ok:
                raise _StartOverError(f"it can't go on after {offset:,} bytes")
            if response.status_code == requests.codes.partial_content:
                if not response.headers.get("Content-Range", "").startswith(f"bytes {offset}-"):
                    raise HostError("it answered with another range than the one asked for")
            elif response.status_code != requests.codes.ok:
                raise HostError(f"it answered {told(f'{response.status_code} {response.reason}')}")
            left = response.raw.length_remaining or 0
            self._refuse_beyond(offset + left)
            with self._shown(offset, left) as advance:
                for chunk in self._chunks(response, offset):
                    offset += len(chunk)
                    self._refuse_beyond(offset)
                    file.write(chunk)
                    advance(len(chunk))

    def _refuse_beyond(self, count: int) -> None:
        """Refuse more bytes than the file has."""
        if count > self.limits.largest:
            raise _TooLargeError(
                f"it has more than {self.limits.largest:,} bytes, the most allowed"
            )

    def _chunks(self, response: requests.Response, offset: int) -> Iterator[bytes]:
        """Yield what arrives as it arrives, undecoded, if it is fast enough."""
        limits = self.limits
        # Undecoded: a host that declares the .gz an encoding would have it unpacked.
        read = partial(response.raw.read1, CHUNK_BYTES, decode_content=False)
        start, count = time.monotonic(), 0
        while True:
            try:
                chunk = within(limits.stall, read)
            except (TimeoutError, ReadTimeoutError):
                # Ends the reading that was left behind; it may just have ended by itself.
                with suppress(RuntimeError, OSError):
                    response.raw.shutdown()
                raise HostError(f"it stalled: no byte in {limits.stall:g} s") from None
            except FAULTS:
                raise _BrokenOffError(f"it broke off after {offset + count:,} bytes") from None
            if not chunk:
                return
            yield chunk
            count += len(chunk)
            seconds = time.monotonic() - start
            if seconds >= limits.patience:
                if count < limits.slowest * seconds:
                    rate, least = count / seconds / 1000, limits.slowest / 1000
                    raise HostError(f"it is slow: {rate:.1f} kB/s, where {least:g} are asked for")
                start, offset, count = time.monotonic(), offset + count, 0

    def _shown(self, offset: int, left: int) -> AbstractContextManager[Advance]:
        """Return a progress display, or a silent one where the host doesn't tell the length."""
        resumed = f", resumed at {offset:,}" if offset else ""
        text = f"{self.title} from {urlsplit(self.address).hostname}{resumed}"
        return progress(text, left, "bytes") if left else nullcontext(_silent)


def _prolong(part: BinaryIO, anew: BinaryIO) -> None:
    """Append to a part what comes after it in a second file, if that begins with it."""
    count = size(part)
    if size(anew) <= count:
        return
    part.seek(0)
    anew.seek(0)
    while count:
        piece = part.read(min(count, CHUNK_BYTES))
        if anew.read(len(piece)) != piece:
            return
        count -= len(piece)
    shutil.copyfileobj(anew, part)


def _silent(done: int, note: str = "") -> None:
    """Show nothing."""


def size(file: BinaryIO) -> int:
    """Return how many bytes a file holds, those not yet flushed included, and go to its end."""
    return file.seek(0, 2)


def digest_of(file: BinaryIO, digest: str) -> str:
    """Return the digest of a whole file, in the algorithm and notation of another digest."""
    algorithm = digest.partition(":")[0]
    file.seek(0)
    digested = hashlib.file_digest(file, algorithm)  # type: ignore[arg-type] # It has readinto.
    return f"{algorithm}:{digested.hexdigest()}"
