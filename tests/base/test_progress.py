"""Progress in a log: few lines, each with rate and time left."""

import re

from resnet_depth.base import progress as module
from resnet_depth.base.progress import progress


def test_a_log_is_sparse_and_ends_complete(capsys):
    with progress("digits", 100, "images") as advance:
        for _ in range(100):
            advance(1)

    err = capsys.readouterr().err
    assert re.fullmatch(r"digits: 100% of 100 images, [\d,]+/s, 0 s left\n", err)


def test_a_note_is_a_line_of_its_own(capsys):
    with progress("digits", 4, "images") as advance:
        advance(2, "epoch 1/2")
        advance(2)
        advance(0, "epoch 2/2")

    lines = capsys.readouterr().err.splitlines()
    assert [line.split(", ")[-1] for line in lines] == ["epoch 1/2", "epoch 2/2"]
    assert lines[0].startswith("digits:  50% of 4 images")


def test_long_work_says_so_now_and_then(capsys, monkeypatch):
    monkeypatch.setattr(module, "LOG_EVERY_SECONDS", 0.0)

    with progress("digits", 10, "bytes") as advance:
        advance(5)
        advance(5)

    assert len(capsys.readouterr().err.splitlines()) == 2
