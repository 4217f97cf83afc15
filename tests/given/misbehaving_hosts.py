"""Web servers on the loopback interface that do what no server should, each by a few bytes.

An answer is what is sent on a connection: bytes, or a function of the request that yields them. It
is sent as fast as it is taken, and the connection is closed after it.
"""

import socket
import threading
import time
from contextlib import contextmanager, suppress
from itertools import repeat


def answer(body=b"", status="200 OK", length=None, **headers):
    """A whole answer. Of a header, `_` stands for `-`; without `length` there is the true one."""
    headers = {"Content-Length": len(body) if length is None else length} | headers
    head = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
    return f"HTTP/1.1 {status}\r\n{head}\r\n".encode("latin-1") + body


def redirect(location):
    return answer(status="302 Found", Location=location)


def chunked(body, **headers):
    """An answer in chunks, the body written as they are."""
    head = answer(Transfer_Encoding="chunked", **headers).replace(b"Content-Length: 0\r\n", b"")
    return head + body


def endless(piece, before=b""):
    """Bytes that never end."""

    def answered(_):
        yield before
        yield from repeat(piece)

    return answered


def dripping(content, before=b"", pause=0.02):
    """Bytes one by one, slowly."""

    def answered(_):
        yield before
        for byte in content:
            time.sleep(pause)
            yield bytes([byte])

    return answered


def ranged(content, **headers):
    """What an honest server answers: all that is asked for."""

    def answered(request):
        start = start_of(request)
        if start:
            headers["Content-Range"] = f"bytes {start}-{len(content) - 1}/{len(content)}"
        yield answer(content[start:], "206 Partial" if start else "200 OK", **headers)

    return answered


def start_of(request):
    """From which byte on a request asks."""
    _, found, rest = request.partition(b"Range: bytes=")
    return int(rest.partition(b"-")[0]) if found else 0


@contextmanager
def misbehaving(*answers):
    """Serve the answers one after the other, the last for ever; yields address and requests."""
    requests, stopped = [], threading.Event()

    def serve(connection, given):
        with connection, suppress(OSError):
            request = b""
            while b"\r\n\r\n" not in request and (piece := connection.recv(65536)):
                request += piece
            requests.append(request)
            for piece in [given] if isinstance(given, bytes) else given(request):
                if stopped.is_set():
                    return
                connection.sendall(piece)
            connection.shutdown(socket.SHUT_WR)

    def accept(listener):
        count = 0
        while not stopped.is_set():
            with suppress(TimeoutError):
                connection, _ = listener.accept()
                connection.settimeout(5)
                given = answers[min(count, len(answers) - 1)]
                threading.Thread(target=serve, args=(connection, given), daemon=True).start()
                count += 1

    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.02)
        thread = threading.Thread(target=accept, args=(listener,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}/file", requests
        finally:
            stopped.set()
            thread.join()
