"""Whatever a host answers costs that host only: what has arrived stays, and the next one is asked.

Nothing here needs a second: the limits are arguments.
"""

import gc
import hashlib
import re

import pytest
from given.misbehaving_hosts import (
    answer,
    chunked,
    dripping,
    endless,
    misbehaving,
    ranged,
    redirect,
    start_of,
)

from resnet_depth.data.fetching import answer as answering
from resnet_depth.data.fetching.fetch import FetchError, fetch
from resnet_depth.data.fetching.settings import Limits

CONTENT = bytes(range(256)) * 200
DIGEST = f"sha256:{hashlib.sha256(CONTENT).hexdigest()}"
ARRIVED = CONTENT[:1000]
PAGE = b"<!DOCTYPE html><html><body>Please sign in</body></html>\n"
OTHERS = f"bytes 1000-{len(CONTENT) - 1}/{len(CONTENT)}"
LIMITS = Limits(connect=0.5, stall=0.3, slowest=100_000, patience=0.2, largest=len(CONTENT))

LENGTHS = {
    f"length {length[:12]}": answer(PAGE, length=length)
    for length in (
        *("abc", "-5", "\xb2", "1e3", "", "0x10", "+7", "1 2", "99999999999999999999"),
        *("9" * 5000, "nan", "5", "4000000"),
    )
}
LOCATIONS = {
    f"location {location[:20]!r}": redirect(location)
    for location in (
        *("http://[", "http://[::1", "http://[]/", "http://", "http:///x", "http://:0/", "//", ""),
        *(
            "http://127.0.0.1:99999/",
            "http://127.0.0.1:abc/",
            "http://127.0.0.1:0/",
            "http://..",
            "?",
        ),
        *(
            "ftp://127.0.0.1/x",
            "file:///etc/passwd",
            "javascript:alert(1)",
            "data:,x",
            "mailto:x@y",
        ),
        *("http://%00/", "http://a b/", "\\\\host\\share", "http://xn--/", f"http://{'a' * 300}/"),
        *("http://\xe9\x80/", "http://127.0.0.1:9/\x1b[2J", f"http://127.0.0.1:9/{'a' * 60_000}"),
        *("http://user:secret@127.0.0.1:9/?token=secret", "http://user:secret@[/", "?"),
    )
}
HEADS = {
    "nothing": b"",
    "noise": b"\x00\xff" * 500,
    "another protocol": b"SSH-2.0-OpenSSH_9.6\r\n",
    "TLS": b"\x15\x03\x01\x00\x02\x02\x46",
    "no status": b"HTTP/1.1\r\n\r\n",
    "status abc": answer(PAGE, "abc OK"),
    "status 99999": answer(PAGE, "99999 OK"),
    "status -200": answer(PAGE, "-200 OK"),
    "status 999": answer(PAGE, "999 What"),
    "version 9.9": b"HTTP/9.9 200 OK\r\n\r\n",
    "status 204": answer(status="204 No Content"),
    "status 304": answer(status="304 Not Modified"),
    "status 401": answer(PAGE, "401 No", WWW_Authenticate='Basic realm="x"'),
    "status 407": answer(PAGE, "407 No", Proxy_Authenticate="Negotiate"),
    "status 302 without a location": answer(PAGE, "302 Found"),
    "status 503": answer(PAGE, "503 Busy", Retry_After="9999999"),
    "a reason that moves the cursor": answer(PAGE, "500 \x1b[2J\x07\x9b1A\rsecret=0"),
    "a reason of 60,000 characters": answer(PAGE, "500 " + "long " * 12_000),
    "a line of 70,000 characters": answer(PAGE, X="a" * 70_000),
    "500 headers": answer(PAGE, **{f"X{number}": "a" for number in range(500)}),
    "a header without a colon": b"HTTP/1.1 200 OK\r\nnonsense\r\n\r\n" + PAGE,
    "a header with NUL": answer(PAGE, X="a\x00b"),
    "a header that goes on": answer(PAGE, X="a\r\n b\r\n\tc"),
    "a cookie of nonsense": answer(PAGE, Set_Cookie="=;=;\xff; expires=never; max-age=x"),
    "an encoding unheard of": answer(PAGE, Content_Encoding="zstd, br, nonsense"),
    "a broken head": b"HTTP/1.1 200 OK\r\nContent-Le",
    "an endless line": endless(b"a" * 4096, b"HTTP/1.1 200 OK\r\nX: "),
    "endless headers": endless(b"X: a\r\n", b"HTTP/1.1 200 OK\r\n"),
    "a head for ever to come": endless(b"HTTP/1.1 100 Continue\r\n\r\n" * 9),
    "a dripping head": dripping(b"X: a\r\n" * 999, b"HTTP/1.1 200 OK\r\n"),
    "a dripping status": dripping(b"H" * 999),
}
BODIES = {
    "a page": answer(PAGE),
    "a page of text/html": answer(PAGE, Content_Type="text/html"),
    "a page as long as the file": answer(b"\n" * len(CONTENT)),
    "a page that breaks off": answer(PAGE, length=len(CONTENT)),
    "a page beyond the file": answer(PAGE * 2000),
    "a page as the rest": answer(PAGE, "206 Partial Content", Content_Range=OTHERS),
    "another range": answer(PAGE, "206 Partial Content", Content_Range="bytes 5-9/10"),
    "a range of nonsense": answer(PAGE, "206 Partial Content", Content_Range="\x1b[2J"),
    "a range without numbers": answer(PAGE, "206 Partial Content", Content_Range="bytes */*"),
    "no range": answer(PAGE, "206 Partial Content"),
    "nothing left": answer(status="416 Range Not Satisfiable"),
    "a size of no number": chunked(b"zz\r\n" + PAGE),
    "a size below 0": chunked(b"-5\r\n" + PAGE),
    "a size of many digits": chunked(b"f" * 5000 + b"\r\n" + PAGE),
    "a size beyond what comes": chunked(b"fffff\r\n" + PAGE),
    "chunks that break off": chunked(b"5\r\nabcde\r\n"),
    "chunks and a length": chunked(b"5\r\nabcde\r\n0\r\n\r\n", X="1\r\nContent-Length: 7"),
    "empty": answer(),
    "endless": endless(b"a" * 4096, b"HTTP/1.1 200 OK\r\n\r\n"),
    "endless, as the rest": endless(
        b"a" * 4096, answer(status="206 OK", length=10**9, Content_Range="bytes 1000-/")
    ),
    "endless chunks": endless(b"5\r\nabcde\r\n", chunked(b"")),
    "a size for ever to come": dripping(b"0" * 999, chunked(b"")),
    "endless words after the last chunk": endless(b"X: a\r\n", chunked(b"3\r\nabc\r\n0\r\n")),
    "slow": dripping(PAGE * 99, answer(length=len(CONTENT))),
    "slow, as the rest": dripping(
        CONTENT[1000:], answer(status="206 OK", length=len(CONTENT) - 1000, Content_Range=OTHERS)
    ),
}
BEHAVIOURS = LENGTHS | LOCATIONS | HEADS | BODIES


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch):
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def part(tmp_path):
    """A file of which the first thousand bytes have arrived."""
    (tmp_path / "x.part").write_bytes(ARRIVED)
    return tmp_path / "x.part"


def failures(addresses, part, limits=LIMITS):
    with pytest.raises(FetchError) as failed:
        fetch("x", addresses, DIGEST, part, limits)
    return [reason for _, reason in failed.value.failures]


@pytest.mark.parametrize("behaviour", BEHAVIOURS.values(), ids=BEHAVIOURS)
def test_a_misbehaving_host_is_left_in_one_line_and_the_next_brings_the_rest(behaviour, part):
    with misbehaving(behaviour) as (bad, _), misbehaving(ranged(CONTENT)) as (good, asked):
        # Beside another one, which fails at once, it isn't the last and has to be fast.
        reason, _ = failures([bad, "http://127.0.0.1:9/"], part)
        kept = part.read_bytes()
        fetch("x", [bad, good], DIGEST, part, LIMITS)

    assert kept.startswith(ARRIVED)
    assert part.read_bytes() == CONTENT
    assert start_of(asked[0]) >= len(ARRIVED)
    assert len(reason) < 300
    assert not re.search(r"[\x00-\x1f\x7f-\x9f]|secret@|token=secret", reason)


def test_the_last_host_may_be_slow(part):
    rest = CONTENT[len(ARRIVED) :][:100]
    slow = dripping(rest, answer(status="206 OK", length=len(rest), Content_Range=OTHERS))
    digest = f"sha256:{hashlib.sha256(ARRIVED + rest).hexdigest()}"
    limits = Limits(slowest=100_000, patience=0.2)
    with misbehaving(slow) as (address, _):
        reason, _ = failures([address, "http://127.0.0.1:9/"], part, limits)
        part.write_bytes(ARRIVED)
        fetch("x", ["http://127.0.0.1:9/", address], digest, part, limits)

    assert reason.startswith("it is slow: ")
    assert part.read_bytes() == ARRIVED + rest


def test_the_last_host_may_not_be_silent(part):
    silent = dripping(b"a", answer(length=1, status="206 OK", Content_Range=OTHERS), pause=2)
    with misbehaving(silent) as (address, _):
        assert failures([address], part) == ["it stalled: no byte in 0.3 s"]


def test_no_host_is_too_slow_where_the_settings_say_so(part):
    limits = Limits(slowest=0, patience=0.01)
    slow = dripping(CONTENT[1000:1050], answer(status="206 OK", length=50, Content_Range=OTHERS))
    with misbehaving(slow) as (address, _):
        reasons = failures([address, "http://127.0.0.1:9/"], part, limits)

    assert "slow" not in reasons[0]


def test_a_file_that_changed_between_attempts_is_begun_anew_once(part):
    other = CONTENT[::-1]
    broken = answer(other[:20_000], length=len(other))
    with misbehaving(broken, ranged(CONTENT)) as (address, asked):
        part.unlink()
        fetch("x", [address], DIGEST, part, LIMITS)
    assert part.read_bytes() == CONTENT
    assert [start_of(request) for request in asked] == [0, 20_000, 0]

    part.write_bytes(ARRIVED)
    with misbehaving(ranged(other)) as (address, asked):
        (reason,) = failures([address], part)
    assert reason.startswith("its content has the digest ")
    assert part.read_bytes() == ARRIVED
    assert [start_of(request) for request in asked] == [1000, 0]


def test_a_host_that_cannot_go_on_adds_to_what_has_arrived_if_it_fits(part):
    for content, kept in ((CONTENT, CONTENT[:30_000]), (CONTENT[::-1], CONTENT[:30_000])):
        breaking = answer(content[:30_000], length=len(content))
        with misbehaving(breaking) as (address, _):
            (reason,) = failures([address], part)
        assert reason == "it can't go on after 30,000 bytes"
        assert part.read_bytes() == kept


@pytest.mark.parametrize("told", [True, False])
def test_more_than_a_file_has_at_most_is_not_taken(tmp_path, told):
    part = tmp_path / "x.part"
    in_chunks = chunked(b"%x\r\n%b\r\n0\r\n\r\n" % (len(CONTENT), CONTENT))
    with misbehaving(answer(CONTENT) if told else in_chunks) as (address, _):
        (reason,) = failures([address], part, Limits(largest=10_000))
        assert not part.exists()
        fetch("x", [address], DIGEST, part, Limits(largest=len(CONTENT)))

    assert reason == "it has more than 10,000 bytes, the most allowed"


# urllib3 refuses them without closing the connection, of which Python tells when it collects it.
@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_lengths_that_contradict_each_other_cost_that_host_only(part):
    with misbehaving(answer(PAGE, length="12, 13")) as (address, _):
        (reason,) = failures([address], part)
        gc.collect()

    assert "12, 13" in reason
    assert part.read_bytes() == ARRIVED


def test_a_redirection_from_https_to_http_is_refused():
    assert answering._checked("https://a/b", secure=False)
    with pytest.raises(answering.HostError, match="it redirects from https to http://a/"):
        answering._checked("http://a/b", secure=True)


def test_addresses_are_shown_without_password_and_token(part):
    address = "http://user:secret@127.0.0.1:9/file?token=secret#secret"
    with pytest.raises(FetchError) as failed:
        fetch("x", [address, "https://secret@[/", "ftp://user:secret@host/"], DIGEST, part, LIMITS)

    assert "secret" not in f"{failed.value} {failed.value.tried}"
    assert "http://…@127.0.0.1:9/file?…" in failed.value.tried


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("http_proxy", "http://["),
        ("http_proxy", "http://user:secret@[/"),
        ("http_proxy", "nonsense://127.0.0.1:9"),
        ("http_proxy", "socks5://127.0.0.1:9"),
        ("http_proxy", "http://127.0.0.1:99999"),
        ("http_proxy", "http://"),
        ("http_proxy", "\x1b[2J"),
        ("http_proxy", "http://user:secret@127.0.0.1:9"),
        ("NETRC", "/nowhere"),
        ("REQUESTS_CA_BUNDLE", "/nowhere"),
    ],
)
def test_variables_that_requests_heeds_cost_no_traceback(part, monkeypatch, variable, value):
    monkeypatch.setenv(variable, value)

    reasons = failures(["http://127.0.0.1:9/x", "https://127.0.0.1:9/x"], part)

    assert len(reasons) == 2
    assert all("secret" not in reason and reason.isprintable() for reason in reasons)
