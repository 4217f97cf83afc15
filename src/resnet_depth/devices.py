"""Choosing the device, and setting torch up so that the same run gives the same bytes."""

import os

import torch

from resnet_depth.errors import UserError

# Read by cuBLAS when it starts; one of the two values under which it is deterministic, see
# https://docs.nvidia.com/cuda/cublas/index.html#results-reproducibility
CUBLAS_WORKSPACE = ":4096:8"


def select_device(name: str) -> torch.device:
    """Return the device of that name; `auto` takes CUDA, then MPS, then the CPU.

    Args:
        name: auto, cuda, mps or cpu.

    Raises:
        UserError: If the device asked for isn't there. Nothing is fallen back to.
    """
    available = {
        "cuda": torch.cuda.is_available(),
        "mps": torch.backends.mps.is_available(),
        "cpu": True,
    }
    if name == "auto":
        name = next(device for device, there in available.items() if there)
    if not available[name]:
        there = ", ".join(device for device, found in available.items() if found)
        raise UserError(f"device {name} isn't available here; allowed: auto, {there}")
    return torch.device(name)


def set_up(name: str, threads: int) -> torch.device:
    """Select the device and make torch deterministic, in full float32, on `threads` CPU threads.

    Args:
        name: auto, cuda, mps or cpu.
        threads: CPU threads of one operation. It is set here rather than left to the machine,
            since the order of a sum, hence its last bits, depends on it.

    Raises:
        UserError: If the device asked for isn't there.
    """
    os.environ["CUBLAS_WORKSPACE_CONFIG"] = CUBLAS_WORKSPACE
    device = select_device(name)
    torch.set_num_threads(threads)
    # As torch.use_deterministic_algorithms(True), which imports a compiler for a second first.
    torch.set_deterministic_debug_mode("error")
    # Every element made is also written here; filling memory beforehand only takes time.
    # mypy: the stubs lack what the documentation has.
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]
    torch.backends.cudnn.benchmark = False
    torch.backends.cuda.matmul.allow_tf32 = False
    torch.backends.cudnn.allow_tf32 = False
    return device


def synchronize(device: torch.device) -> None:
    """Wait until the device has done all work given to it; a clock read then tells the truth."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    elif device.type == "mps":
        torch.mps.synchronize()


def device_title(device: torch.device) -> str:
    """Return the device as a person would name it; the CPU's own name stands in the provenance."""
    return torch.cuda.get_device_name(device) if device.type == "cuda" else device.type
