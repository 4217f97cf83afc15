"""The GPUs of this machine."""

import os

import torch

from resnet_depth.commands.scheduling.slots import VISIBLE


def usable_gpus() -> list[str]:
    """Return the CUDA devices that may be used, as CUDA_VISIBLE_DEVICES names them."""
    if VISIBLE in os.environ:
        return [name for name in os.environ[VISIBLE].split(",") if name.strip()]
    return [str(index) for index in range(torch.cuda.device_count())]
