"""The GPUs that may be used."""

import pytest
import torch

from resnet_depth.commands.scheduling.gpus import usable_gpus
from resnet_depth.commands.scheduling.slots import VISIBLE


@pytest.fixture
def four_devices(monkeypatch):
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 4)
    monkeypatch.delenv(VISIBLE, raising=False)


def test_all_devices_are_used(four_devices):
    assert usable_gpus() == ["0", "1", "2", "3"]


@pytest.mark.parametrize(("named", "expected"), [("2,GPU-1f", ["2", "GPU-1f"]), ("", [])])
def test_of_devices_that_the_user_names_no_other_is_used(
    four_devices, monkeypatch, named, expected
):
    monkeypatch.setenv(VISIBLE, named)

    assert usable_gpus() == expected
