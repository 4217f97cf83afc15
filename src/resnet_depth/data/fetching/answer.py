"""From an address to a host's answer, after redirections."""

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.client import HTTPException
from urllib.parse import urljoin, urlsplit

import requests
from requests.utils import get_environ_proxies, select_proxy
from urllib3.exceptions import HTTPError

from resnet_depth.base.messages import told
from resnet_depth.data.fetching.settings import Limits
from resnet_depth.data.fetching.waiting import within

# The least share of the time to connect for one of a host's addresses.
ADDRESS_SHARE = 1 / 8
REDIRECTIONS = 5
# What a malformed answer makes the layers below raise, beside their own.
FAULTS = (requests.RequestException, HTTPError, HTTPException, OSError, ValueError)


class HostError(Exception):
    """Why a host is left."""


class _Session(requests.Session):
    """Looks at no redirection, also not at where it would lead."""

    def get_redirect_target(self, resp: requests.Response) -> None:
        """Return that there is none."""


@contextmanager
def open_answer(address: str, offset: int, limits: Limits) -> Iterator[requests.Response]:
    """Yield the answer to a request for the bytes from `offset` on, its content not yet read.

    Raises:
        HostError: If none comes.
    """
    headers = {"Accept-Encoding": "identity"}
    if offset:
        headers["Range"] = f"bytes={offset}-"
    secure = False
    with _Session() as session:
        for _ in range(REDIRECTIONS + 1):
            secure = _checked(address, secure)
            with _get(session, address, headers, limits) as response:
                if not response.is_redirect:
                    yield response
                    return
                try:
                    address = urljoin(address, response.headers["Location"])
                except ValueError:
                    raise HostError("it redirects to no valid address") from None
    raise HostError(f"it redirects more than {REDIRECTIONS} times")


def _checked(address: str, secure: bool) -> bool:
    """Return whether an address is of https; after one that is, it has to be."""
    try:
        parts = urlsplit(address)
        valid = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        valid = False
    if not valid:
        raise HostError(f"{told(address)} is no http or https address")
    if secure and parts.scheme != "https":
        raise HostError(f"it redirects from https to {told(address)}")
    return parts.scheme == "https"


def _get(
    session: requests.Session, address: str, headers: dict[str, str], limits: Limits
) -> requests.Response:
    """Return a host's own answer."""
    connect = _seconds_per_address(address, limits.connect)
    get = partial(
        session.get,
        address,
        headers=headers,
        stream=True,
        # Followed by `open_answer`, so that each host's addresses share the time to connect.
        allow_redirects=False,
        timeout=(connect, limits.stall),
    )
    try:
        return within(limits.connect + limits.stall, get, late=requests.Response.close)
    except requests.ConnectTimeout:
        raise HostError(f"no connection within {limits.connect:g} s") from None
    except (TimeoutError, requests.ReadTimeout):
        raise HostError(f"it stalled: no answer in {limits.stall:g} s") from None
    except requests.exceptions.SSLError as error:
        raise HostError(f"no secure connection: {_cause(error)}") from None
    except FAULTS as error:
        raise HostError(f"no connection: {_cause(error)}") from None


def _seconds_per_address(address: str, seconds: float) -> float:
    """Return the connection timeout of each of a host's addresses, which are tried in turn."""
    start = time.monotonic()
    try:
        proxy = select_proxy(address, get_environ_proxies(address, no_proxy=None))
        # A proxy may be written without a scheme.
        place = proxy if proxy and "//" in proxy else f"//{proxy}" if proxy else address
        host = urlsplit(place).hostname
        resolve = partial(socket.getaddrinfo, host, None, type=socket.SOCK_STREAM)
        count = len(within(seconds, resolve))
    except TimeoutError:
        raise HostError(
            f"the name {told(str(host))} wasn't resolved within {seconds:g} s"
        ) from None
    except OSError:
        raise HostError(f"the name {told(str(host))} can't be resolved") from None
    except ValueError:
        raise HostError(f"{told(place)} names no host") from None
    return max((seconds - (time.monotonic() - start)) / count, seconds * ADDRESS_SHARE)


def _cause(error: BaseException) -> str:
    """Return the system's words for what lies behind an error, without the layers between."""
    chain = [error]
    while (inner := chain[-1].__cause__ or chain[-1].__context__) and inner not in chain:
        chain.append(inner)
    words = [one.strerror for one in reversed(chain) if isinstance(one, OSError) and one.strerror]
    return told(words[0] if words else str(chain[-1]))
