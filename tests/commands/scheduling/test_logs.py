"""What a run's log tells: how far it is, and why it failed."""

import pytest

from resnet_depth.base.progress import progress
from resnet_depth.commands.scheduling.logs import last_line, progress_in

FAILED = """\
Running stage 'train@digits-reference-18-0':
> PYTHONPATH=src python stages/train.py
digits reference/resnet18-seed0: the loss is nan after step 12; lower lr
ERROR: failed to reproduce 'train@digits-reference-18-0': failed to run: python, exited with 1
"""


@pytest.fixture
def log(tmp_path):
    return tmp_path / "run.log"


def test_the_last_line_is_the_stages_own(log):
    log.write_text(FAILED)

    expected = "digits reference/resnet18-seed0: the loss is nan after step 12; lower lr"
    assert last_line(log) == expected


def test_where_the_stage_did_not_begin_it_is_dvcs(log):
    log.write_text("\nERROR: failed to reproduce 'prepare@toy': [Errno 2] No such file: 'a'\n\n")

    assert last_line(log) == "ERROR: failed to reproduce 'prepare@toy': [Errno 2] No such file: 'a'"


@pytest.mark.parametrize("text", [None, "\n"])
def test_a_log_that_says_nothing_is_told(log, text):
    if text:
        log.write_text(text)

    assert last_line(log) == "it said nothing"


def test_how_far_a_run_is_stands_in_the_progress_that_stages_write(log, capfd):
    with progress("digits reference/resnet18-seed0", 2000, "images") as advance:
        advance(1000, "epoch 2/4, loss 0.100, validation accuracy 90.0%")
    log.write_text(capfd.readouterr().err)

    epoch, rate = progress_in(log).split(", ")
    assert epoch == "epoch 2/4"
    assert rate.endswith("/s")


def test_between_epochs_the_last_one_stays(log):
    log.write_text(
        "a title:  50% of 2,000 images, 366/s, 3 s left, epoch 2/4, loss 0.100\n"
        "a title:  60% of 2,000 images, 1,370/s, 2 s left\n"
    )

    assert progress_in(log) == "epoch 2/4, 1,370/s"


@pytest.mark.parametrize("text", [None, "> sh code/train.sh\n"])
def test_of_a_run_without_progress_nothing_is_said(log, text):
    if text:
        log.write_text(text)

    assert progress_in(log) == ""


def test_of_a_long_log_only_the_end_is_read(log):
    log.write_bytes("ö".encode() * 100_000 + b"\nthe end\n")

    assert last_line(log) == "the end"
