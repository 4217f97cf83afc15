"""Too little memory for the imports of an entry point: one line, before they are begun."""

import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from resnet_depth.base.memory import ENOUGH_FOR_IMPORTS, IS_TRIAL, none_is_left

ROOT = Path(__file__).parents[2]
LINE = "too little memory: the packages can't be imported; "
# Room for what cli.py imports itself.
LIMIT = 2_000_000_000
ENTRY_POINT = """
import os, threading
from resnet_depth.base import memory
memory.CLOCK_SECONDS = {most_seconds}
from resnet_depth.base import cli
{imports}
with open("imported", "a") as file:
    file.write("x")
def main() -> None:
    print("done")
cli.run(main)
"""
# What packages were seen to do where memory ended, at what they may take less in a trial.
WHERE_IT_ENDS = """
import resource
if resource.getrlimit(resource.RLIMIT_AS)[0] < {limit}:
    {end}
"""


def limited(script, most, processor=None):
    """Run a Python script that may take so many bytes, and so many seconds of the processor."""

    def limit():
        resource.setrlimit(resource.RLIMIT_AS, (most, resource.getrlimit(resource.RLIMIT_AS)[1]))
        if processor:
            resource.setrlimit(resource.RLIMIT_CPU, (processor, processor))

    return subprocess.run(
        [sys.executable, *script],
        preexec_fn=limit,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        cwd=Path(script[0]).parent,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def entry_point(tmp_path):
    """Write one that does more as it imports; return the words behind `python`."""

    def write(imports="", most_seconds=60):
        path = tmp_path / "stage.py"
        text = ENTRY_POINT.format(imports=imports, most_seconds=most_seconds)
        path.write_text(text, encoding="utf-8")
        return [str(path)]

    return write


@pytest.mark.parametrize(
    "end",
    [
        *("os.abort()", "os._exit(127)", "raise MemoryError", "while True: pass"),
        "raise ImportError('libtorch_cpu.so: failed to map segment from shared object')",
    ],
)
def test_whatever_becomes_of_imports_that_memory_is_too_little_for_is_one_line(entry_point, end):
    script = entry_point(WHERE_IT_ENDS.format(limit=LIMIT, end=end))

    done = limited(script, LIMIT, processor=3)

    assert done.returncode == 1
    assert done.stderr.startswith(LINE)
    assert "(this process may have 2.0 GB); raise that limit, " in done.stderr
    assert done.stderr.count("\n") == 1
    assert done.stdout == ""


def test_so_are_imports_that_wait_for_each_other(entry_point):
    end = WHERE_IT_ENDS.format(limit=LIMIT, end="threading.Semaphore(0).acquire()")

    done = limited(entry_point(end, most_seconds=3), LIMIT)

    assert done.returncode == 1
    assert done.stderr.startswith(LINE)
    assert done.stderr.count("\n") == 1


def test_so_is_memory_that_really_ends(entry_point):
    done = limited(entry_point("kept = [bytearray(2**20) for _ in range(4096)]"), LIMIT)

    assert done.returncode == 1
    assert done.stderr.startswith(LINE)
    assert done.stderr.count("\n") == 1


def test_a_fault_of_the_program_in_the_imports_isnt_blamed_on_memory(entry_point):
    done = limited(entry_point("raise ValueError('a fault')"), LIMIT)

    assert done.returncode == 1
    assert done.stderr.endswith("ValueError: a fault\n")


@pytest.mark.parametrize(
    ("most", "imports"), [(LIMIT, 2), (ENOUGH_FOR_IMPORTS, 1), (resource.RLIM_INFINITY, 1)]
)
def test_imports_are_tried_where_there_is_a_limit_that_they_might_not_fit(
    entry_point, most, imports
):
    script = entry_point()

    done = limited(script, most)

    assert done.stdout == "done\n"
    assert Path(script[0]).with_name("imported").read_text() == "x" * imports


def test_an_error_that_comes_where_no_memory_is_left_is_told_as_that(entry_point, monkeypatch):
    monkeypatch.setenv(IS_TRIAL, "1")
    # As by a library that goes on where it was refused some.
    script = entry_point(
        "kept = []\n"
        "try:\n"
        "    while True: kept.append(bytearray(2**20))\n"
        "except MemoryError: pass\n"
        "raise SystemError('error return without exception set')"
    )

    done = limited(script, LIMIT)

    assert done.returncode == 1
    assert done.stderr.startswith("too little memory: error return without exception set; ")
    assert done.stderr.count("\n") == 1


def test_there_is_memory_left_here():
    assert not none_is_left()


@pytest.mark.slow
@pytest.mark.parametrize("stage", ["train", "export"])
def test_however_little_a_stage_may_take_it_imports_its_packages_or_says_so(stage):
    ended = {}
    for most in range(50_000_000, 4_500_000_000, 150_000_000):
        done = limited([str(ROOT / "stages" / f"{stage}.py"), "--help"], most)
        ended[most] = done.returncode
        if done.returncode:
            assert done.returncode == 1, (most, done.stderr)
            assert done.stderr.startswith("too little memory: "), (most, done.stderr)
            assert done.stderr.count("\n") == 1, (most, done.stderr)

    assert set(ended.values()) == {0, 1}
