"""Workers of Dask distributed, on this machine or by a scheduler that reaches others.

Dask is an extra. It sends functions to be run, so that whoever reaches its ports runs code here:
other addresses than loopback need TLS, and the cluster that is started here has no dashboard.
"""

import ipaddress
import logging
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from resnet_depth.base.errors import UserError

# Seconds for a scheduler to answer.
PATIENCE = 10
LOOPBACK = "127.0.0.1"
# Of the events by which workers tell how far a run is.
PROGRESS = "resnet-depth-progress"
TLS_FILES = ("tls_ca_file", "tls_client_cert", "tls_client_key")


def _distributed() -> Any:
    try:
        import distributed  # noqa: PLC0415, an extra
    except ModuleNotFoundError:
        raise UserError(
            "Dask distributed isn't installed, which other workers than JOBS= need; "
            "type: pip install -r requirements-workers.lock"
        ) from None
    return distributed


@contextmanager
def local_workers(count: int, heard: Callable[[str, str], None]) -> Iterator[Executor]:
    """Yield an executor over so many worker processes on this machine, which end with the block.

    `heard` is told what these tell by `tell_progress`.

    Raises:
        UserError: If Dask isn't installed.
    """
    dask = _distributed()
    with (
        dask.LocalCluster(
            n_workers=count,
            threads_per_worker=1,
            host=LOOPBACK,
            dashboard_address=None,
            memory_limit=None,  # Stages are processes of their own.
        ) as cluster,
        dask.Client(cluster, set_as_default=False) as client,
    ):
        yield _executor(client, heard)


@contextmanager
def workers_of(address: str, heard: Callable[[str, str], None]) -> Iterator[tuple[Executor, int]]:
    """Yield an executor over the workers of a scheduler, and how many instances they take at once.

    Args:
        address: Such as tcp://127.0.0.1:8786; of another machine tls://HOST:PORT, with the
            certificates that Dask's configuration names under `distributed.comm.tls`.
        heard: Is told what workers tell by `tell_progress`.

    Raises:
        UserError: If Dask isn't installed, the address isn't allowed, nobody answers there, or
            there are no workers.
    """
    require_safe(address)
    dask = _distributed()
    security = _security(dask) if address.startswith("tls:") else None
    try:
        client = dask.Client(
            address, security=security, timeout=PATIENCE, set_as_default=False, name="coordinator"
        )
    except (OSError, ValueError) as error:
        said = " ".join(str(error).split())
        raise UserError(f"SCHEDULER={address}: no scheduler of Dask answers ({said})") from error
    with client:
        places = sum(client.nthreads().values())
        if not places:
            raise UserError(f"SCHEDULER={address}: has no workers; start some and repeat")
        yield _executor(client, heard), places


def require_safe(address: str) -> None:
    """See that what goes to a scheduler stays on this machine or is encrypted.

    Raises:
        UserError: If not, or if the address has another form.
    """
    parts = urlsplit(address)
    try:
        host, port = parts.hostname, parts.port
    except ValueError:
        host = port = None
    if parts.scheme not in ("tcp", "tls") or not host or not port:
        raise UserError(f"SCHEDULER={address}; allowed: tcp://127.0.0.1:PORT or tls://HOST:PORT")
    if parts.scheme == "tcp" and not _is_loopback(host):
        raise UserError(
            f"SCHEDULER={address}: whoever can reach it could run code on all workers; allowed "
            f"is tls://{host}:{port}, see docs/workers.md, or an address of loopback"
        )


def is_far(address: str) -> bool:
    """Return whether an address is that of another machine, as far as it tells."""
    host = urlsplit(address).hostname
    return bool(host) and not _is_loopback(str(host))


def no_longer_wanted() -> bool:
    """Return, in a worker's task, whether it was cancelled or the worker is about to end."""
    dask = _distributed()
    worker, key = dask.get_worker(), dask.worker.thread_state.key
    task = worker.state.tasks.get(key)
    ending = worker.status not in (dask.Status.running, dask.Status.paused)
    return ending or task is None or task.state == "cancelled"


def tell_progress(name: str, progress: str) -> None:
    """Tell, in a worker's task, how far an instance is."""
    _distributed().get_worker().log_event(PROGRESS, [name, progress])


def _executor(client: Any, heard: Callable[[str, str], None]) -> Executor:
    # Of a scheduler that is lost it logs a traceback; what becomes of the runs is told otherwise.
    logging.getLogger("distributed.client").setLevel(logging.CRITICAL)
    client.subscribe_topic(PROGRESS, lambda event: heard(*event[1]))
    # A run that failed isn't tried again unasked, and two equal ones aren't one.
    executor: Executor = client.get_executor(retries=0, pure=False)
    return executor


def _security(dask: Any) -> Any:
    security = dask.Security(require_encryption=True)
    if missing := [name for name in TLS_FILES if not getattr(security, name)]:
        keys = {"tls_ca_file": "ca-file", "tls_client_cert": "client.cert"}
        key = keys.get(missing[0], "client.key")
        raise UserError(
            f"TLS: Dask's configuration has no distributed.comm.tls.{key}; see docs/workers.md"
        )
    return security


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
