"""Fetching one file over HTTP from the first host that serves it, resumed where it broke off.

What arrived stays in a partial file, over hosts and over processes that were killed: since the
content's digest is known beforehand, any host can supply the rest of it.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from filelock import lock_descriptor

from resnet_depth.base.errors import UserError
from resnet_depth.base.faults import naming
from resnet_depth.base.messages import told
from resnet_depth.data.fetching.answer import HostError
from resnet_depth.data.fetching.host import Host, digest_of, size
from resnet_depth.data.fetching.settings import Limits


class FetchError(Exception):
    """No host served the file; `failures` has each address tried, masked, with the reason."""

    def __init__(self, failures: Sequence[tuple[str, str]]) -> None:
        """Keep the reasons."""
        self.failures = tuple((told(address), reason) for address, reason in failures)
        super().__init__("; ".join(f"{address}: {reason}" for address, reason in self.failures))

    @property
    def tried(self) -> str:
        """The addresses with their reasons, two lines each, to stand below «Tried:»."""
        return "\n".join(f"  {address}\n    {reason}" for address, reason in self.failures)


def fetch(title: str, addresses: Sequence[str], digest: str, partial: Path, limits: Limits) -> str:
    """Bring a file into `partial`, from the first address that serves the right content.

    Returns its whole digest.

    Args:
        title: What is fetched, for the progress display.
        addresses: http or https addresses of the same file, in the order to try.
        digest: Its digest as `<algorithm>:<hexadecimal digits>`, or the beginning of it: so many
            digits are compared as there are.
        partial: Where the bytes are collected. A part from an earlier call is resumed; if all hosts
            fail it is kept, but for what is known to be wrong.
        limits: When a host is left.

    Raises:
        FetchError: If no address served it.
        UserError: If another process is fetching into the same partial file.
    """
    failures = []
    with _exclusive(partial) as file:
        if size(file) and (actual := digest_of(file, digest)).startswith(digest):
            return actual
        if size(file) > limits.largest:
            file.truncate(0)
        for left, address in reversed(list(enumerate(reversed(addresses)))):
            # Slow is better than nothing.
            patient = limits if left else replace(limits, slowest=0)
            try:
                return Host(title, address, patient).bring(digest, file)
            except HostError as error:
                failures.append((address, str(error)))
        if not size(file):
            partial.unlink()
    raise FetchError(failures)


@contextmanager
def _exclusive(partial: Path) -> Iterator[BinaryIO]:
    """Open the partial file at its end; only one process at a time may."""
    partial.parent.mkdir(parents=True, exist_ok=True)
    with naming(partial), partial.open("a+b") as file:
        # Released with the file, however the process ends.
        if not lock_descriptor(file.fileno(), blocking=False):
            raise UserError(f"{partial}: another process is downloading this; wait for it")
        yield file


def digest_like(digest: str, path: Path) -> str:
    """Return the digest of a file, in the algorithm and notation of another digest."""
    with path.open("rb") as file:
        return digest_of(file, digest)
