"""What this machine is: of which class, and with which GPUs."""

import json
import os

import torch

from resnet_depth.commands.scheduling.slots import VISIBLE
from resnet_depth.machine.environment import machine_class


def gpus() -> list[str]:
    """Return the CUDA devices that may be used, as CUDA_VISIBLE_DEVICES names them."""
    if VISIBLE in os.environ:
        return [name for name in os.environ[VISIBLE].split(",") if name.strip()]
    return [str(index) for index in range(torch.cuda.device_count())]


def machine_text() -> str:
    """Return what decides the last bits of results here, see `machine_class`, as one line."""
    return json.dumps(machine_class().model_dump(mode="json"), sort_keys=True)
