"""Waiting for what may never come."""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

T = TypeVar("T")


def within(seconds: float, call: Callable[[], T], late: Callable[[T], object] | None = None) -> T:
    """Return what a call does, or raise what it raises.

    It works in a thread that can be left behind: the system's resolver knows no timeout, and a
    socket's begins again with every byte.

    Args:
        seconds: How long to wait.
        call: What to do.
        late: Takes what comes of it afterwards.

    Raises:
        TimeoutError: If nothing came of it so far.
    """
    result: Future[T] = Future()

    def work() -> None:
        try:
            result.set_result(call())
        except Exception as error:
            result.set_exception(error)

    threading.Thread(target=work, daemon=True).start()
    try:
        return result.result(timeout=seconds)
    except TimeoutError:
        if late is not None and not result.done():
            result.add_done_callback(lambda done: done.exception() or late(done.result()))
        raise
