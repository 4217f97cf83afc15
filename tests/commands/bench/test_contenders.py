"""What the benchmark lets run against each other."""

import multiprocessing

import pytest
import torch

from resnet_depth.commands.bench.contenders import Over, Pace


def test_a_contender_times_the_steps_it_is_asked_for_and_waits_in_between():
    here, there = multiprocessing.Pipe()
    pace = Pace(there, torch.device("cpu"))
    for order in (2, 1, None):
        here.send(order)

    pace(64)  # Before the first order.
    assert not here.poll()
    pace(64)
    assert not here.poll()
    pace(64)
    assert here.recv() >= 0
    with pytest.raises(Over):
        pace(64)
    assert here.recv() >= 0
