"""Choosing the device, and setting torch up so that the same run gives the same bytes."""

import ctypes
import os
import sys

import torch

from resnet_depth.base.errors import UserError
from resnet_depth.machine.openmp import require_threads

# Numbers of glibc's malloc.h, see mallopt(3).
M_TRIM_THRESHOLD = -1
M_MMAP_THRESHOLD = -3
LARGEST_MMAP_THRESHOLD = 32 * 2**20  # Bytes; more is refused.
NEVER = 2**31 - 1


def select_device(name: str) -> torch.device:
    """Return the device cuda, mps or cpu; `auto` takes the first of them that is there.

    Raises:
        UserError: If the device asked for isn't there. Nothing is fallen back to.
    """
    found = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    available = [*(device for device, there in found.items() if there), "cpu"]
    if name not in ("auto", *available):
        allowed = ", ".join(["auto", *available])
        raise UserError(f"device {name} isn't available here; allowed: {allowed}")
    return torch.device(available[0] if name == "auto" else name)


def set_up(name: str, threads: int) -> torch.device:
    """Select the device and make torch deterministic, in full float32, on `threads` CPU threads.

    Args:
        name: auto, cuda, mps or cpu.
        threads: CPU threads of one operation. It is set here rather than left to the machine,
            since the order of a sum, hence its last bits, depends on it.

    Raises:
        UserError: If the device asked for isn't there, or OpenMP would give fewer threads.
    """
    # Read by cuBLAS when it starts; one of the two values under which it is deterministic, see
    # https://docs.nvidia.com/cuda/cublas/index.html#results-reproducibility
    os.environ["CUBLAS_WORKSPACE_CONFIG"] = ":4096:8"
    require_threads(threads)
    device = select_device(name)
    _keep_freed_memory()
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


def _keep_freed_memory() -> None:
    """Let freed memory stay with the process, where the C library can be told so (glibc).

    A network's step asks for hundreds of megabytes and gives them back. By default glibc hands
    much of that to the system and gets it again page by page: thousands of page faults a step,
    several per cent of its time. No result depends on it.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None) if sys.platform == "linux" else None
    if mallopt is not None:
        mallopt(M_TRIM_THRESHOLD, NEVER)
        mallopt(M_MMAP_THRESHOLD, LARGEST_MMAP_THRESHOLD)


def synchronize(device: torch.device) -> None:
    """Wait until the device has done all work given to it; a clock read then tells the truth."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    elif device.type == "mps":
        torch.mps.synchronize()


def device_title(device: torch.device) -> str:
    """Return the device as a person would name it; the CPU's own name stands in the provenance."""
    return torch.cuda.get_device_name(device) if device.type == "cuda" else device.type
