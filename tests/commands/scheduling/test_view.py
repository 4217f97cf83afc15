"""What is shown of a plan while it runs: a table on a terminal, sparse lines in a log."""

import io

import pytest
from rich.console import Console

from resnet_depth.commands.scheduling import view
from resnet_depth.commands.scheduling.view import View


@pytest.fixture
def clock(monkeypatch):
    """Seconds that pass when told to."""
    now = [0.0]
    monkeypatch.setattr(view.time, "monotonic", lambda: now[0])
    return now


def shown(act, *, terminal):
    """What is written while a view is used."""
    file = io.StringIO()
    console = Console(file=file, force_terminal=terminal, width=100, color_system=None)
    with View(3, {"train@a": "epoch 2/4, 366/s"}.__getitem__, console) as one:
        act(one)
    return file.getvalue()


def test_a_log_has_a_line_a_run_that_ended(clock):
    def act(one):
        one.started("train@a")
        one.started("train@b")
        clock[0] = 12.0
        one.ended("train@a")
        clock[0] = 65.0
        one.ended("train@b", "no good")

    assert shown(act, terminal=False).splitlines() == [
        "[1/3] train@a done in 12 s",
        "[2/3] train@b failed: no good",
    ]


def test_of_runs_that_last_a_log_tells_now_and_then(clock):
    def act(one):
        one.started("train@a")
        for clock[0] in (0.5, 30.0, 61.0, 61.5):
            one.show(["train@a"], ["train@b", "train@c"])

    assert shown(act, terminal=False).splitlines() == [
        "0 done, 1 running, 2 waiting; train@a, epoch 2/4, 366/s, 1 min 01 s"
    ]


def test_a_terminal_has_a_table_of_what_runs_and_what_comes_next(clock):
    def act(one):
        one.started("train@a")
        clock[0] = 61.0
        one.show(["train@a"], ["train@b", "train@c"])

    text = shown(act, terminal=True)
    for part in ("running", "train@a", "epoch 2/4, 366/s", "1 min 01 s", "waiting", "train@b"):
        assert part in text
    assert "0 done, 1 running, 2 waiting" in text


def test_on_a_terminal_too_a_line_stays_of_what_ended(clock):
    def act(one):
        one.started("train@a")
        one.ended("train@a")

    assert "[1/3] train@a done in 0 s" in shown(act, terminal=True)
