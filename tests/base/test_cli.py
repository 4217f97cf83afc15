"""How entry points fail: one line for a user's mistake, and a hint outside the environment."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from resnet_depth.base.cli import Seed, run
from resnet_depth.base.errors import UserError

ROOT = Path(__file__).parents[2]
STAGES = sorted((ROOT / "stages").glob("*.py"))


def call(command, monkeypatch, *arguments):
    monkeypatch.setattr(sys, "argv", ["command", *arguments])
    with pytest.raises(SystemExit) as caught:
        run(command)
    return caught.value.code


def test_a_users_mistake_is_its_own_text_and_a_failure(monkeypatch):
    def main():
        raise UserError("a: wrong; allowed: b")

    assert call(main, monkeypatch) == "a: wrong; allowed: b"


def test_a_fault_of_the_program_keeps_its_traceback(monkeypatch):
    def main():
        raise KeyError("x")

    monkeypatch.setattr(sys, "argv", ["command"])
    with pytest.raises(KeyError):
        run(main)


def test_success_is_status_0(monkeypatch):
    assert call(lambda: None, monkeypatch) == 0


def test_a_missing_option_is_status_2(monkeypatch, capsys):
    def main(seed: Seed):
        raise AssertionError(seed)

    assert call(main, monkeypatch) == 2
    assert "--seed" in capsys.readouterr().err


@pytest.mark.parametrize("stage", STAGES, ids=lambda path: path.stem)
def test_outside_the_environment_a_stage_says_what_to_do_in_one_line(stage):
    # -S leaves out site-packages: a Python that has none of the packages.
    done = subprocess.run(
        [sys.executable, "-S", str(stage)],
        env=os.environ | {"PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "isn't the project's environment. Type '. .venv/bin/activate'" in done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("stage", STAGES, ids=lambda path: path.stem)
def test_a_stage_explains_itself(stage):
    done = subprocess.run(
        [sys.executable, str(stage), "--help"],
        env=os.environ | {"PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        check=True,
    )

    assert "--params" in done.stdout
