import fcntl
import hashlib
import socket
import threading
import time

import pytest
from given.data_sources import Host, serving

from resnet_depth.base.errors import UserError
from resnet_depth.data.fetching import fetch as fetching
from resnet_depth.data.fetching.fetch import FetchError
from resnet_depth.data.fetching.host import RECONNECTIONS
from resnet_depth.data.fetching.settings import Limits

CONTENT = bytes(range(256)) * 4096  # 1 MiB
DIGEST = f"md5:{hashlib.md5(CONTENT).hexdigest()}"
# Nothing listens on the discard service's port.
CLOSED = "http://127.0.0.1:9/file"
LIMITS = Limits(connect=0.8, stall=0.3)


def fetch(title, addresses, digest, partial, limits=LIMITS):
    return fetching.fetch(title, addresses, digest, partial, limits)


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch):
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def host():
    with serving(Host(CONTENT)) as running:
        yield running


@pytest.fixture
def partial(tmp_path):
    return tmp_path / "downloads" / "x.part"


def reasons(addresses, partial, digest=DIGEST):
    with pytest.raises(FetchError) as failed:
        fetch("x", addresses, digest, partial)
    assert [address for address, _ in failed.value.failures] == list(addresses)
    return [reason for _, reason in failed.value.failures]


def test_a_file_is_fetched_and_verified(host, partial):
    fetch("x", [host.address], DIGEST, partial)

    assert partial.read_bytes() == CONTENT
    assert host.requests == [None]


def test_progress_is_shown(host, partial, capsys):
    fetch("x", [host.address], DIGEST, partial)

    assert "x from 127.0.0.1: 100% of 1,048,576 bytes" in capsys.readouterr().err


def test_a_broken_connection_is_resumed_where_it_broke(host, partial):
    host.break_after = [700_000, 100_000]

    fetch("x", [host.address], DIGEST, partial)

    assert partial.read_bytes() == CONTENT
    starts = [int(wanted.removeprefix("bytes=").rstrip("-")) for wanted in host.requests[1:]]
    assert len(starts) == 2
    assert 0 < starts[0] <= 700_000
    assert starts[0] <= starts[1] <= 800_000


def test_what_a_killed_process_left_is_resumed(host, partial):
    partial.parent.mkdir()
    partial.write_bytes(CONTENT[:123_456])

    fetch("x", [host.address], DIGEST, partial)

    assert partial.read_bytes() == CONTENT
    assert host.requests == ["bytes=123456-"]


def test_a_complete_part_needs_no_host(partial):
    partial.parent.mkdir()
    partial.write_bytes(CONTENT)

    fetch("x", [CLOSED], DIGEST, partial)

    assert partial.read_bytes() == CONTENT


def test_the_rest_may_come_from_another_host(host, partial):
    with serving(Host(CONTENT)) as weak:
        weak.break_after = [600_000, 0]

        fetch("x", [weak.address, host.address], DIGEST, partial)

    assert partial.read_bytes() == CONTENT
    assert host.requests[0].startswith("bytes=")


def test_a_host_that_cannot_resume_starts_over_once(host, partial):
    host.resumes = False
    partial.parent.mkdir()
    partial.write_bytes(CONTENT[:1000])

    fetch("x", [host.address], DIGEST, partial)

    assert partial.read_bytes() == CONTENT
    assert host.requests == ["bytes=1000-", None]


@pytest.mark.parametrize("before", [b"other" * 100, b"other" * 400_000], ids=["short", "long"])
def test_a_wrong_part_is_thrown_away_and_the_host_given_a_second_chance(host, partial, before):
    partial.parent.mkdir()
    partial.write_bytes(before)

    fetch("x", [host.address], DIGEST, partial)

    assert partial.read_bytes() == CONTENT
    assert host.requests == [f"bytes={len(before)}-", None]


def test_wrong_content_is_refused_with_both_digests_and_removed(host, partial):
    host.content = b"something else"
    wrong = f"md5:{hashlib.md5(host.content).hexdigest()}"

    assert reasons([host.address], partial) == [
        f"its content has the digest {wrong} instead of {DIGEST}"
    ]
    assert not partial.exists()


def test_after_wrong_content_the_next_host_is_asked_for_all_of_it(host, partial):
    with serving(Host(b"something else")) as wrong:
        fetch("x", [wrong.address, host.address], DIGEST, partial)

    assert host.requests == [None]


def test_a_stalled_host_is_left_and_what_it_sent_is_kept(host, partial):
    with serving(Host(CONTENT)) as slow:
        slow.stall_after = 500_000
        start = time.monotonic()

        fetch("x", [slow.address, host.address], DIGEST, partial)

    assert time.monotonic() - start < 3
    assert slow.requests == [None]
    assert int(host.requests[0].removeprefix("bytes=").rstrip("-")) > 0


def test_what_has_arrived_is_kept_when_every_host_fails(host, partial):
    host.stall_after = 500_000

    assert reasons([host.address, CLOSED], partial) == [
        "it stalled: no byte in 0.3 s",
        "no connection: Connection refused",
    ]
    assert CONTENT.startswith(partial.read_bytes())
    assert partial.stat().st_size > 400_000


def test_a_host_that_always_breaks_off_is_left_in_the_end(host, partial):
    host.break_after = [1000] * 100

    (reason,) = reasons([host.address], partial)

    assert reason.startswith("it broke off after ")
    assert len(host.requests) <= RECONNECTIONS + 1


@pytest.mark.parametrize("status", [404, 403, 503])
def test_an_error_status_is_named(host, partial, status):
    host.status = status

    (reason,) = reasons([host.address], partial)

    assert reason.startswith(f"it answered {status} ")


def test_redirections_are_followed_but_not_for_ever(host, partial):
    with serving(Host()) as first:
        first.location = host.address
        fetch("x", [first.address], DIGEST, partial)
        assert partial.read_bytes() == CONTENT

        partial.unlink()
        first.location = "/again"
        assert reasons([first.address], partial) == ["it redirects more than 5 times"]


def test_bytes_are_kept_as_they_are_even_if_declared_an_encoding(host, partial):
    host.headers = {"Content-Encoding": "x-gzip"}

    fetch("x", [host.address], DIGEST, partial)

    assert partial.read_bytes() == CONTENT


def test_a_host_need_not_tell_the_length(host, partial):
    host.sends_length = False

    fetch("x", [host.address], DIGEST, partial)

    assert partial.read_bytes() == CONTENT


def test_an_answer_with_another_range_is_refused(host, partial):
    partial.parent.mkdir()
    partial.write_bytes(CONTENT[:1000])
    host.content_range = "bytes 5-9/10"

    (reason,) = reasons([host.address], partial)

    assert reason == "it answered with another range than the one asked for"


@pytest.fixture
def black_hole():
    """An address that answers no attempt to connect: its queue of connections is full."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        waiting = []
        for _ in range(4):
            one = socket.socket()
            one.setblocking(False)
            one.connect_ex(listener.getsockname())
            waiting.append(one)
        yield listener.getsockname()
        for one in waiting:
            one.close()


@pytest.mark.parametrize("count", [1, 4, 8])
def test_a_host_with_many_dead_addresses_is_left_in_the_same_time(
    black_hole, partial, monkeypatch, count
):
    family = (socket.AF_INET, socket.SOCK_STREAM, 6, "", black_hole)
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [family] * count)
    start = time.monotonic()

    (reason,) = reasons(["http://dead.example/file"], partial)

    assert reason == "no connection within 0.8 s"
    assert 0.5 < time.monotonic() - start < 1.6


def test_a_resolver_that_does_not_answer_is_left(partial, monkeypatch):
    done = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [done.wait(10)])
    start = time.monotonic()

    (reason,) = reasons(["http://slow.example/file"], partial)
    done.set()

    assert reason == "the name slow.example wasn't resolved within 0.8 s"
    assert time.monotonic() - start < 1.6


def test_a_name_that_does_not_exist_is_said(partial, monkeypatch):
    def fail(*_, **__):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", fail)

    assert reasons(["http://no.example/x"], partial) == ["the name no.example can't be resolved"]


def test_behind_a_proxy_only_the_proxys_name_is_resolved(host, partial, monkeypatch):
    monkeypatch.setenv("http_proxy", host.address.removeprefix("http://").partition("/")[0])

    # The test's host takes the place of the proxy; it serves whatever it is asked for.
    fetch("x", ["http://only-the-proxy-knows.example/file"], DIGEST, partial)

    assert partial.read_bytes() == CONTENT


def test_a_second_process_is_kept_off_the_same_part(partial):
    partial.parent.mkdir()
    with partial.open("ab") as held:
        fcntl.flock(held, fcntl.LOCK_EX)

        with pytest.raises(UserError, match="another process is downloading this"):
            fetch("x", [CLOSED], DIGEST, partial)
