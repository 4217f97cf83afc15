"""Fetching one file over HTTP from the first host that serves it, resumed where it broke off.

What arrived stays in a partial file, over hosts and over processes that were killed: since the
content's digest is known beforehand, any host can supply the rest of it.
"""

import queue
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import BinaryIO
from urllib.parse import urljoin, urlsplit

import requests
from filelock import lock_descriptor
from requests.utils import get_environ_proxies, select_proxy
from urllib3.exceptions import HTTPError, ReadTimeoutError

from resnet_depth.base.errors import UserError
from resnet_depth.base.faults import naming
from resnet_depth.base.files import file_digest
from resnet_depth.base.progress import Advance, progress

# For finding a host's addresses and connecting to one of them, however many it has.
CONNECT_SECONDS = 8.0
# The least share of CONNECT_SECONDS for one address.
ADDRESS_SHARE = 1 / 8
# Without a byte for so long, a host is left.
STALL_SECONDS = 20.0
RECONNECTIONS = 5
REDIRECTIONS = 5
CHUNK_BYTES = 2**16


class FetchError(Exception):
    """No host served the file; `failures` has each address tried, with the reason."""

    def __init__(self, failures: Sequence[tuple[str, str]]) -> None:
        """Keep the reasons."""
        super().__init__("; ".join(f"{address}: {reason}" for address, reason in failures))
        self.failures = tuple(failures)

    @property
    def tried(self) -> str:
        """The addresses with their reasons, two lines each, to stand below «Tried:»."""
        return "\n".join(f"  {address}\n    {reason}" for address, reason in self.failures)


class _HostError(Exception):
    """Why a host is left."""


class _BrokenOffError(_HostError):
    """The connection ended early; the same host may go on from there."""


def fetch(title: str, addresses: Sequence[str], digest: str, partial: Path) -> str:
    """Bring a file into `partial`, from the first address that serves the right content.

    Returns its whole digest.

    Args:
        title: What is fetched, for the progress display.
        addresses: http or https addresses of the same file, in the order to try.
        digest: Its digest as `<algorithm>:<hexadecimal digits>`, or the beginning of it: so many
            digits are compared as there are.
        partial: Where the bytes are collected. A part from an earlier call is resumed; it is
            kept if all hosts fail, unless a host ended with wrong content: then it is removed.

    Raises:
        FetchError: If no address served it.
        UserError: If another process is fetching into the same partial file.
    """
    failures = []
    with _exclusive(partial) as file:
        if _size(file) and (actual := digest_like(digest, partial)).startswith(digest):
            return actual
        for address in addresses:
            try:
                return _fetch_from(title, address, digest, partial, file)
            except _HostError as error:
                failures.append((address, str(error)))
        if not _size(file):
            partial.unlink()
    raise FetchError(failures)


@contextmanager
def _exclusive(partial: Path) -> Iterator[BinaryIO]:
    """Open the partial file at its end; only one process at a time may."""
    partial.parent.mkdir(parents=True, exist_ok=True)
    with naming(partial), partial.open("ab") as file:
        # Released with the file, however the process ends.
        if not lock_descriptor(file.fileno(), blocking=False):
            raise UserError(f"{partial}: another process is downloading this; wait for it")
        yield file


def _fetch_from(title: str, address: str, digest: str, partial: Path, file: BinaryIO) -> str:
    """Complete the partial file from one host and verify it; empty it if it came out wrong.

    Returns its whole digest.
    """
    # The first time the fault may lie in the part that was there before, from another host.
    for _ in range(2 if _size(file) else 1):
        _receive_all(title, address, file)
        actual = digest_like(digest, partial)
        if actual.startswith(digest):
            return actual
        file.truncate(0)
    raise _HostError(f"its content has the digest {actual} instead of {digest}")


def _receive_all(title: str, address: str, file: BinaryIO) -> None:
    """Receive until the end, connecting again after a break as long as that brings more."""
    for attempts_left in reversed(range(RECONNECTIONS + 1)):
        before = _size(file)
        try:
            _receive(title, address, file)
            return
        except _BrokenOffError:
            if not attempts_left or _size(file) <= before:
                raise
        finally:
            file.flush()


def _receive(title: str, address: str, file: BinaryIO) -> None:
    """Append what one connection brings to the file, from its present size on."""
    offset = _size(file)
    with requests.Session() as session, _open(session, address, offset) as response:
        if response.status_code == requests.codes.requested_range_not_satisfiable:
            # Nothing is left to send; the digest tells whether what is there is the file.
            return
        if response.status_code == requests.codes.ok:
            file.truncate(0)
            offset = 0
        elif response.status_code != requests.codes.partial_content:
            raise _HostError(f"it answered {response.status_code} {response.reason}")
        elif not response.headers.get("Content-Range", "").startswith(f"bytes {offset}-"):
            raise _HostError("it answered with another range than the one asked for")
        length = response.headers.get("Content-Length", "")
        with _shown(title, address, offset, int(length) if length.isdigit() else 0) as advance:
            try:
                # Undecoded: a host that declares the .gz an encoding would have it unpacked.
                for chunk in response.raw.stream(CHUNK_BYTES, decode_content=False):
                    file.write(chunk)
                    advance(len(chunk))
            except ReadTimeoutError:
                raise _HostError(f"it stalled: no byte in {STALL_SECONDS:g} s") from None
            except HTTPError:
                raise _BrokenOffError(f"it broke off after {_size(file):,} bytes") from None


def _open(session: requests.Session, address: str, offset: int) -> requests.Response:
    """Return the answer to a request for the bytes from `offset` on, after redirections."""
    headers = {"Accept-Encoding": "identity"}
    if offset:
        headers["Range"] = f"bytes={offset}-"
    for _ in range(REDIRECTIONS + 1):
        try:
            response = session.get(
                address,
                headers=headers,
                stream=True,
                # Followed here, so that each host's addresses share the time to connect.
                allow_redirects=False,
                timeout=(_seconds_per_address(address), STALL_SECONDS),
            )
        except requests.ConnectTimeout:
            raise _HostError(f"no connection within {CONNECT_SECONDS:g} s") from None
        except requests.ReadTimeout:
            raise _HostError(f"it stalled: no answer in {STALL_SECONDS:g} s") from None
        except requests.exceptions.SSLError as error:
            raise _HostError(f"no secure connection: {_cause(error)}") from None
        except requests.RequestException as error:
            raise _HostError(f"no connection: {_cause(error)}") from None
        if not response.is_redirect:
            return response
        address = urljoin(address, response.headers["Location"])
        response.close()
    raise _HostError(f"it redirects more than {REDIRECTIONS} times")


def _seconds_per_address(address: str) -> float:
    """Return the connection timeout of each of a host's addresses, which are tried in turn.

    The system's resolver knows no timeout, so it works in a thread that can be left behind.
    """
    proxy = select_proxy(address, get_environ_proxies(address, no_proxy=None))
    # A proxy may be written without a scheme.
    host = urlsplit(proxy if proxy and "//" in proxy else f"//{proxy}" if proxy else address)
    found: queue.SimpleQueue[int | None] = queue.SimpleQueue()

    def resolve() -> None:
        try:
            found.put(len(socket.getaddrinfo(host.hostname, None, type=socket.SOCK_STREAM)))
        except (OSError, UnicodeError):
            found.put(None)

    start = time.monotonic()
    threading.Thread(target=resolve, daemon=True).start()
    try:
        count = found.get(timeout=CONNECT_SECONDS)
    except queue.Empty:
        seconds = f"{CONNECT_SECONDS:g} s"
        raise _HostError(f"the name {host.hostname} wasn't resolved within {seconds}") from None
    if count is None:
        raise _HostError(f"the name {host.hostname} can't be resolved")
    left = CONNECT_SECONDS - (time.monotonic() - start)
    return max(left / count, CONNECT_SECONDS * ADDRESS_SHARE)


def _shown(title: str, address: str, offset: int, left: int) -> AbstractContextManager[Advance]:
    """Return a progress display, or a silent one where the host doesn't tell the length."""
    resumed = f", resumed at {offset:,}" if offset else ""
    text = f"{title} from {urlsplit(address).hostname}{resumed}"
    return progress(text, left, "bytes") if left else nullcontext(_silent)


def _silent(done: int, note: str = "") -> None:
    """Show nothing."""


def _cause(error: BaseException) -> str:
    """Return the system's words for what lies behind an error, without the layers between."""
    chain = [error]
    while (inner := chain[-1].__cause__ or chain[-1].__context__) and inner not in chain:
        chain.append(inner)
    words = [one.strerror for one in reversed(chain) if isinstance(one, OSError) and one.strerror]
    return words[0] if words else " ".join(str(chain[-1]).split())


def _size(file: BinaryIO) -> int:
    """Return how many bytes the file holds, those not yet flushed included."""
    return file.seek(0, 2)


def digest_like(digest: str, path: Path) -> str:
    """Return the digest of a file, in the algorithm and notation of another digest."""
    algorithm = digest.partition(":")[0]
    return f"{algorithm}:{file_digest(path, algorithm)}"
