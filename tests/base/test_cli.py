"""How entry points start and fail: a user's mistake is one line, and so is a wrong environment."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from resnet_depth.base.cli import DatasetKey, Depth, RecipeKey, Seed, run
from resnet_depth.base.errors import UserError
from resnet_depth.commands.options import RootFolder

ROOT = Path(__file__).parents[2]
STAGES = {path.stem: [str(path)] for path in (ROOT / "stages").glob("*.py")}
GROUPS = {
    path.parent.name: ["-m", f"resnet_depth.commands.{path.parent.name}"]
    for path in (ROOT / "src" / "resnet_depth" / "commands").glob("*/__main__.py")
}
# What may be typed for a name or a number by mistake or by ill will.
ODD = (
    *("", " ", "a b", "'", '"', "$(id)", "`id`", ";id", "|id", "../x", "/x", "-x", "--", "~", "*"),
    *("x" * 10_000, "a\nb", "\x1b[2J", "\udc80", "é", "\u202e", "%s", "{x}", "a@b", "a:b", "a-b"),
)
NO_COUNTS = ("NaN", "-1", "1.5", "0x12", "1e9", "9" * 50)


def call(command, monkeypatch, *arguments, **commands):
    monkeypatch.setattr(sys, "argv", ["command", *arguments])
    with pytest.raises(SystemExit) as caught:
        run(command, **commands)
    return caught.value.code


def python(*arguments, **streams):
    return subprocess.run(
        [sys.executable, *arguments],
        env=os.environ | {"PYTHONPATH": str(ROOT / "src")},
        text=True,
        check=False,
        **{"capture_output": True} | streams,
    )


def test_a_users_mistake_is_its_own_text_and_a_failure(monkeypatch):
    def main():
        raise UserError("a: wrong; allowed: b")

    assert call(main, monkeypatch) == "a: wrong; allowed: b"


@pytest.mark.parametrize("word", ["a\nb", "\x1b[2J", "a\u2028b"])
def test_an_option_that_fits_no_line_is_refused_in_one(monkeypatch, word):
    said = call(lambda: None, monkeypatch, "--seed", word)

    assert said == f"{word!r}: options can't have line breaks or control characters"


@pytest.mark.parametrize(
    ("name", "kind", "odd"),
    [
        ("--dataset", DatasetKey, ODD),
        ("--recipe", RecipeKey, ODD),
        ("--depth", Depth, (*ODD, *NO_COUNTS)),
        ("--seed", Seed, (*ODD, *NO_COUNTS)),
    ],
)
def test_an_odd_value_of_an_option_is_one_line(monkeypatch, capsys, name, kind, odd):
    def main(value: kind):
        raise AssertionError(value)

    for value in odd:
        code = call(main, monkeypatch, f"{name}={value}")

        said = code if isinstance(code, str) else capsys.readouterr().err.removesuffix("\n")
        assert code != 0, value
        assert said.isprintable(), said
        assert len(said) < 300, said
        assert name in said, said


def test_a_root_that_is_no_folder_is_named(monkeypatch, capsys, tmp_path):
    def main(root: RootFolder):
        raise AssertionError(root)

    for odd, what in ((tmp_path / "nowhere", "does not exist"), (Path(__file__), "is a file")):
        assert call(main, monkeypatch, "--root", str(odd)) == 2
        said = capsys.readouterr().err
        assert "'--root'" in said
        assert str(odd) in said
        assert what in said
        assert said.count("\n") == 1


def test_everything_that_is_named_as_params_yaml_does_is_taken_as_a_key():
    entries = [*ROOT.glob("stages/*.py"), *ROOT.glob("src/resnet_depth/commands/*/__main__.py")]
    text = "".join(entry.read_text(encoding="utf-8") for entry in entries)

    assert not re.findall(r"\bstr\b[^\]]*cli\.option\(\s*.--(?:dataset|recipe|key)", text)


def test_a_fault_of_the_program_keeps_its_traceback(monkeypatch):
    def main():
        raise KeyError("x")

    monkeypatch.setattr(sys, "argv", ["command"])
    with pytest.raises(KeyError):
        run(main)


def test_what_the_disk_or_the_memory_refuses_is_one_line_and_a_failure(monkeypatch):
    def full():
        raise OSError(28, "No space left on device", "a.npy")

    def small():
        raise MemoryError

    assert call(full, monkeypatch).startswith("a.npy: No space left on device; ")
    assert call(small, monkeypatch).startswith("too little memory: ")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_what_can_not_be_printed_is_one_line():
    script = "from resnet_depth.base.cli import run; run(lambda: print('result'))"
    with Path("/dev/full").open("w") as full:
        done = python("-c", script, stdout=full, stderr=subprocess.PIPE, capture_output=False)

    assert done.returncode == 1
    assert done.stderr.startswith(
        "standard output or a file without a name: No space left on device; "
    )
    assert done.stderr.count("\n") == 1


def test_too_little_memory_for_the_imports_of_an_entry_point_is_one_line():
    # As libraries are refused that need more than there is.
    words = "libtorch_cpu.so: failed to map segment from shared object"
    done = python("-c", f"from resnet_depth.base import cli; raise ImportError({words!r})")

    assert done.returncode == 1
    assert done.stderr.startswith(f"too little memory: {words}; ")
    assert done.stderr.count("\n") == 1


REFUSING = """
import sys
class Refusing:
    def find_spec(self, name, path=None, target=None):
        if name == {name!r}:
            raise {error}
sys.meta_path.insert(0, Refusing())
from resnet_depth.base import cli
"""


@pytest.mark.parametrize(
    ("package", "said"),
    [
        # What tells faults needs it itself.
        ("psutil", "packages can't be imported: MemoryError\n"),
        ("resnet_depth.base.faults", "packages can't be imported: MemoryError\n"),
        ("resnet_depth.base.unchanged", "too little memory: "),
    ],
)
def test_a_refusal_in_the_imports_of_what_tells_refusals_is_one_line_too(package, said):
    done = python("-c", REFUSING.format(name=package, error="MemoryError"))

    assert done.returncode == 1
    assert done.stderr.startswith(said)
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ({}, "1000 None"),
        ({"GOMP_SPINCOUNT": "7"}, "7 None"),
        ({"OMP_WAIT_POLICY": "active"}, "None active"),
    ],
)
def test_threads_that_wait_sleep_soon_unless_it_is_said_how_they_wait(monkeypatch, given, found):
    names = "GOMP_SPINCOUNT", "OMP_WAIT_POLICY"
    for name in names:
        monkeypatch.delenv(name, raising=False)
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    shown = f"print(*map(os.environ.get, {names}))"

    done = python("-c", f"import os; from resnet_depth.base import cli; {shown}")

    assert done.stdout == f"{found}\n"


@pytest.mark.parametrize(
    "raised",
    [
        "raise KeyboardInterrupt",
        # As an extension module's initialization makes it.
        "raise ImportError('initialization failed') from KeyboardInterrupt()",
    ],
)
def test_ctrl_c_during_the_imports_of_an_entry_point_shows_no_traceback(raised):
    done = python("-c", f"from resnet_depth.base import cli; {raised}")

    assert done.returncode == -signal.SIGINT
    assert done.stderr == ""


@pytest.mark.parametrize("package", ["pathlib", "typing", "typer", "resnet_depth.base.faults"])
def test_nor_does_it_in_the_imports_of_what_tells_of_it(package):
    done = python("-c", REFUSING.format(name=package, error="KeyboardInterrupt"))

    assert done.returncode == -signal.SIGINT
    assert done.stderr == ""


def test_success_is_status_0(monkeypatch):
    assert call(lambda: None, monkeypatch) == 0


def test_a_missing_option_is_status_2(monkeypatch, capsys):
    def main(seed: Seed):
        raise AssertionError(seed)

    assert call(main, monkeypatch) == 2
    assert "--seed" in capsys.readouterr().err


def test_a_group_of_commands_runs_the_one_that_is_named(monkeypatch):
    def first():
        raise UserError("the first")

    def second():
        raise UserError("the second")

    assert call(None, monkeypatch, "second", first=first, second=second) == "the second"


def test_a_group_of_commands_says_what_it_is_and_what_each_does(monkeypatch, capsys):
    def first():
        """Begin."""

    def second():
        """End."""

    assert call(None, monkeypatch, "--help", first=first, second=second) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "How entry points start and fail" in said
    assert "first Begin." in said
    assert "second End." in said


def test_a_group_of_commands_asks_for_one(monkeypatch, capsys):
    def first():
        raise AssertionError

    assert call(None, monkeypatch, first=first, second=first) == 2
    assert "Missing command" in capsys.readouterr().err


@pytest.mark.parametrize("entry", (STAGES | GROUPS).values(), ids=STAGES | GROUPS)
def test_outside_the_environment_an_entry_point_says_what_to_do_in_one_line(entry):
    # -S leaves out site-packages: a Python that has none of the packages.
    done = python("-S", *entry)

    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "isn't the project's environment. Type '. .venv/bin/activate'" in done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("stage", sorted(STAGES))
def test_a_stage_explains_itself(stage):
    assert "--params" in python(*STAGES[stage], "--help").stdout


@pytest.mark.slow
@pytest.mark.parametrize("group", sorted(GROUPS))
def test_a_group_of_commands_explains_itself(group):
    words = {
        "bench": "--quick",
        "comparing": "--markdown",
        "experimenting": "--markdown",
        "predicting": "--examples",
        "publishing": "verify",
        "reproducing": "tidy",
        "scheduling": "clones",
        "studying": "--dataset",
        "sweeping": "--values",
    }
    assert words[group] in python(*GROUPS[group], "--help").stdout
