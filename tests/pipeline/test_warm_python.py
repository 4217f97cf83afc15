"""The `python` of the studies in tests, given/warm_python.py, does what a new one does."""

import os
import subprocess
import sys

import pytest
from given.warm_python import warm_python

TOLD = """
import os, sys
import own
print(sys.argv, __name__, os.getcwd(), os.environ["WORD"], own.__file__, sys.stdin.read())
print([path for path in sys.path if "site-packages" not in path and "lib" not in path])
print("resnet_depth" in sys.modules, file=sys.stderr)
"""
ENDS = ["", "sys.exit(3)", "sys.exit('one line')", "sys.exit()", "raise KeyError('x')"]


@pytest.fixture
def call(tmp_path):
    """Return a function that runs a Python, with a module `own` on its path, and tells its end."""
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "own.py").write_text("")

    def run(python, *arguments):
        done = subprocess.run(
            [python, *arguments],
            cwd=tmp_path,
            env={"PATH": os.environ["PATH"], "PYTHONPATH": "src", "WORD": "été"},
            input="typed",
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout, done.stderr.splitlines()[-1:]

    return run


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("form", [("a folder/told.py",), ("-m", "told")], ids=["file", "module"])
def test_it_sees_and_leaves_what_a_new_python_does(call, tmp_path, form, end):
    script = tmp_path / ("told.py" if form[0] == "-m" else form[0])
    script.parent.mkdir(exist_ok=True)
    script.write_text(f"{TOLD}\n{end}\n")

    warm, new = (
        call(python, *form, "--option", "a b")
        for python in (warm_python() / "python", sys.executable)
    )

    assert warm == new
    assert "été" in warm[1]


def test_a_killed_one_fails(call, tmp_path):
    (tmp_path / "killed.py").write_text("import os, signal; os.kill(os.getpid(), signal.SIGKILL)")

    assert call(warm_python() / "python", "killed.py") == (137, "", [])


def test_it_has_torch_and_nothing_of_the_project(call, tmp_path):
    (tmp_path / "has.py").write_text(
        "import sys; print('torch' in sys.modules, any('resnet_depth' in m for m in sys.modules))"
    )

    assert call(warm_python() / "python", "has.py")[1] == "True False\n"
