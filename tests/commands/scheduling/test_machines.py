"""The GPUs that may be used, and that a machine's class is a text that can be compared."""

import json

import pytest
import torch

from resnet_depth.commands.scheduling.machines import gpus, machine_text
from resnet_depth.commands.scheduling.slots import VISIBLE
from resnet_depth.machine.environment import machine_class


@pytest.fixture
def four_devices(monkeypatch):
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 4)
    monkeypatch.delenv(VISIBLE, raising=False)


def test_all_devices_are_used(four_devices):
    assert gpus() == ["0", "1", "2", "3"]


@pytest.mark.parametrize(("named", "expected"), [("2,GPU-1f", ["2", "GPU-1f"]), ("", [])])
def test_of_devices_that_the_user_names_no_other_is_used(
    four_devices, monkeypatch, named, expected
):
    monkeypatch.setenv(VISIBLE, named)

    assert gpus() == expected


def test_a_machines_text_says_what_decides_the_last_bits_and_no_more():
    assert json.loads(machine_text()) == machine_class().model_dump(mode="json")
