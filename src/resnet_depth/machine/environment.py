"""What a measurement was taken on: processor, system, versions, commit, date and other load.

Only clocks' outputs (durations, latency and what is made of them) may hold any of this: it
varies from machine to machine, and results that are to be equal everywhere must not.
"""

import hashlib
import os
import platform
import subprocess
import sys
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import version
from pathlib import Path

import torch

from resnet_depth.machine.records import Environment, MachineClass

# Those whose code computes results.
PACKAGES = ("torch", "numpy", "scikit-learn", "pillow")

# Variables by which torch, oneDNN, MKL, OpenBLAS, numpy and the C library choose other kernels, or
# other orders of sums, than the processor calls for: their documentations name them.
CHOOSING_VARIABLES = (
    *("ATEN_CPU_CAPABILITY", "ATEN_AVX512_256", "GLIBC_TUNABLES", "OPENBLAS_CORETYPE"),
    *("NPY_DISABLE_CPU_FEATURES", "NPY_ENABLE_CPU_FEATURES"),
    *("MKL_CBWR", "MKL_ENABLE_INSTRUCTIONS", "MKL_DEBUG_CPU_TYPE", "MKL_DYNAMIC"),
    *(
        f"{library}_{name}"
        for library in ("ONEDNN", "DNNL")
        for name in ("MAX_CPU_ISA", "CPU_ISA_HINTS", "DEFAULT_FPMATH_MODE")
    ),
)

# What the pipeline writes and git keeps, see dvc.yaml.
RESULTS = ("dvc.lock", "metrics", "plots")


def environment() -> Environment:
    """Return where and when this process runs."""
    return Environment(
        machine_class=machine_class(),
        cores=os.cpu_count() or 1,
        dvc=version("dvc"),
        date=datetime.now(UTC).isoformat(timespec="seconds"),
        commit=_commit(),
    )


def machine_class() -> MachineClass:
    """Return what decides the last bits of a float32 result on a CPU.

    Two machines are of the same class when these are equal: processor (its kernels and their
    blocking are chosen by model, instruction sets and cache), what changes that choice, operating
    system, architecture and the versions of the numerical packages. The thread count is a setting,
    so it isn't here.
    """
    flags = " ".join(instruction_sets())
    return MachineClass(
        processor=processor_name(),
        # A digest, being short; empty where none are told.
        instruction_sets=hashlib.sha256(flags.encode()).hexdigest()[:12] if flags else "",
        kernels=torch.backends.cpu.get_cpu_capability(),
        variables={name: os.environ[name] for name in CHOOSING_VARIABLES if name in os.environ},
        system=platform.system(),
        architecture=platform.machine(),
        python=".".join(map(str, sys.version_info[:2])),
        packages={package: version(package) for package in PACKAGES},
    )


def processor_name() -> str:
    """Return the processor's name, with family, model and stepping where Linux tells them."""
    cpu = cpuinfo()
    if "model name" in cpu:
        numbers = [cpu.get(key, "?") for key in ("cpu family", "model", "stepping")]
        return f"{cpu['model name']} (family {numbers[0]}, model {numbers[1]}, step {numbers[2]})"
    if sys.platform == "darwin":
        return _run("sysctl", "-n", "machdep.cpu.brand_string").stdout.strip()
    return platform.processor() or "unknown"


def instruction_sets() -> list[str]:
    """Return the names of the processor's features, sorted; empty where none are told."""
    return sorted((cpuinfo().get("flags") or cpuinfo().get("Features", "")).split())


@cache
def cpuinfo() -> dict[str, str]:
    """Return the first processor's entries of Linux's /proc/cpuinfo; empty elsewhere."""
    path = Path("/proc/cpuinfo")
    if not path.is_file():
        return {}
    first = path.read_text(encoding="utf-8").split("\n\n")[0]
    pairs = (line.partition(":") for line in first.splitlines())
    return {key.strip(): value.strip() for key, _, value in pairs}


def _commit() -> str | None:
    """Return the commit of the working tree, with `+changes` where it differs; None without git.

    What the pipeline itself writes is no change: every study but the first stage of the first one
    runs with new results in the tree.
    """
    results = [f":(exclude){path}" for path in RESULTS]
    try:
        head = _run("git", "rev-parse", "HEAD")
        if head.returncode:
            return None
        changed = _run("git", "diff", "--quiet", "HEAD", "--", ".", *results).returncode
    except FileNotFoundError:
        return None
    return head.stdout.strip() + ("+changes" if changed else "")


def _run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, check=False)
