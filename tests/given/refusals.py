"""Real faults of disk and memory for the stages of a study.

A limit is set in the stage's own process, as `ulimit` would. A full or a read-only folder is a
mount, which takes a right that not everybody has.
"""

import os
import resource
import shlex
import shutil
import subprocess
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from given.warm_python import warm_python

from resnet_depth.base.memory import IS_TRIAL

# Python runs a module of this name first.
LIMITER = """
import os, re, resource

def limit(which, most):
    resource.setrlimit(which, (most, resource.getrlimit(which)[1]))

if "MOST_FILE_BYTES" in os.environ:
    limit(resource.RLIMIT_FSIZE, int(os.environ["MOST_FILE_BYTES"]))
if "MORE_MEMORY" in os.environ:
    with open("/proc/self/status") as status:
        taken = 1024 * int(re.search(r"VmSize:\\s+(\\d+)", status.read())[1])
    limit(resource.RLIMIT_AS, taken + int(os.environ["MORE_MEMORY"]))
"""
RESULTS = ("data", "models", "metrics", "plots", ".checkpoints")


def run_stage(study, instance, **limits):
    """Run what DVC runs for an instance, by warm Python; return what it ended with and said.

    MOST_FILE_BYTES is how large a file may become, MORE_MEMORY how many bytes of address space it
    may take beside what the packages take.
    """
    limiter = study.folder.parent / "limiter" / "sitecustomize.py"
    limiter.parent.mkdir(exist_ok=True)
    limiter.write_text(LIMITER, encoding="utf-8")
    _, *command = shlex.split(study.lock()[instance]["cmd"])
    own = study.environment()
    own["PATH"] = f"{warm_python()}{os.pathsep}{own['PATH']}"
    own["PYTHONPATH"] = f"src{os.pathsep}{limiter.parent}"
    own[IS_TRIAL] = "1"  # The packages are there already, and another Python needs room for them.
    return subprocess.run(
        command,
        cwd=study.folder,
        env=own | {name: str(value) for name, value in limits.items()},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


@contextmanager
def most_file_bytes(most):
    """Let no file of this process grow larger."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def outputs(study, instance):
    """Where an instance writes; `prepare` replaces the folder of all its outputs."""
    if instance.startswith("prepare@"):
        return [study.folder / "data/prepared/tiny"]
    return [study.folder / out["path"] for out in study.lock()[instance]["outs"]]


def results(study, below=None):
    """All that stages left in a study, or in a folder; what is written anew counts as other."""
    folders = [study.folder / name for name in RESULTS] if below is None else [below]
    # A checkpoint's lock stays, see training/single_run.py, and its folder. A folder's date tells
    # of what came and went.
    return {
        str(path): None if path.is_dir() else (path.stat().st_ino, path.stat().st_mtime_ns)
        for folder in folders
        for path in folder.rglob("*")
        if path.suffix != ".lock" and not (path.is_dir() and ".checkpoints" in path.parts)
    }


def temporary(study):
    """What should be gone when a stage has ended."""
    return [path for name in RESULTS for path in (study.folder / name).rglob("*.tmp")]


@contextmanager
def full_disk(folder, left=0):
    """Let a folder, with what it holds, be on a disk of its own that has few bytes left, or none.

    In it is a file `filler`, without which there is room.
    """
    copy = folder.with_name("what it held")
    shutil.copytree(folder, copy)
    held = sum(path.stat().st_size + 4096 for path in copy.rglob("*"))
    with mounted(folder, "-t", "tmpfs", "-o", f"size={held + 2**20}", "tmpfs"):
        shutil.copytree(copy, folder, dirs_exist_ok=True)
        with suppress(OSError), (folder / "filler").open("wb", buffering=0) as file:
            while True:
                file.write(bytes(4096))
        os.truncate(folder / "filler", (folder / "filler").stat().st_size - left)
        assert shutil.disk_usage(folder).free == left
        yield
    shutil.rmtree(copy)


@contextmanager
def read_only(folder):
    """Let nobody write in a folder, not even root."""
    with mounted(folder, "--bind", str(folder)):
        subprocess.run(["mount", "-o", "remount,bind,ro", str(folder)], check=True)
        yield


@contextmanager
def mounted(folder: Path, *arguments):
    """Mount something at a folder; skip the test where that isn't allowed."""
    command = ["mount", *arguments, str(folder)]
    quiet = subprocess.DEVNULL
    if not shutil.which("mount") or subprocess.run(command, stderr=quiet, check=False).returncode:
        pytest.skip("mounting a disk isn't allowed here")
    try:
        yield
    finally:
        subprocess.run(["umount", str(folder)], check=True)
