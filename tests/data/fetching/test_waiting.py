import threading

import pytest

from resnet_depth.data.fetching.waiting import within


def test_what_a_call_gives_or_raises_is_given_and_raised():
    assert within(5, lambda: 3) == 3
    with pytest.raises(ZeroDivisionError):
        within(5, lambda: 1 // 0)


def test_what_comes_too_late_is_handed_to_who_takes_it():
    go, taken = threading.Event(), threading.Event()

    def call():
        go.wait(5)
        return taken

    with pytest.raises(TimeoutError):
        within(0.01, call, late=threading.Event.set)
    assert not taken.is_set()
    go.set()
    assert taken.wait(5)
