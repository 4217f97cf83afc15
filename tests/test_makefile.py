"""`make test` of one room; that a commit is checked by the same ruff, and CI runs what is here."""

import os
import re
import subprocess
from pathlib import Path

import pytest
from ruamel.yaml import YAML

ROOT = Path(__file__).parents[1]
ROOMS = {
    path.stem
    for path in (ROOT / "src" / "resnet_depth").iterdir()
    if not path.name.startswith("__")
}


def make(*arguments):
    """Run `make` as from a terminal, though it may be what runs this."""
    return subprocess.run(
        ["make", "--dry-run", *arguments],
        cwd=ROOT,
        env={name: value for name, value in os.environ.items() if not name.startswith("MAKE")},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("room", sorted(ROOMS))
def test_a_room_is_linted_and_tested_alone_and_types_are_checked(room):
    said = make("test", f"ROOM={room}").stdout
    code = next(ROOT.glob(f"src/resnet_depth/{room}*")).relative_to(ROOT)
    tests = "tests/test_params.py" if room == "params" else f"tests/{room}"

    assert f"ruff check {code} {tests}\n" in said
    assert f"ruff format --check {code} {tests}\n" in said
    assert "mypy src stages" in said
    assert f"python -m pytest {tests}\n" in said


@pytest.mark.parametrize(
    ("room", "tests"), [("pipeline", "tests/pipeline"), ("structure", "tests/test_structure.py")]
)
def test_what_holds_for_all_rooms_is_tested_alone(room, tests):
    said = make("test", f"ROOM={room}").stdout

    assert f"ruff check {tests}\n" in said
    assert f"python -m pytest {tests}\n" in said


def test_an_unknown_room_is_one_line_that_names_those_there_are():
    done = make("test", "ROOM=kitchen")

    assert done.returncode != 0
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert "ROOM=kitchen: no such room; there are base runs machine data" in done.stderr
    named = set(done.stderr.split("there are ")[1].split(".")[0].split())
    assert named == ROOMS | {"pipeline", "structure", "faults"}


def test_without_a_room_everything_is_tested():
    said = make("test", "ROOM=").stdout

    assert "ruff check .\n" in said
    assert said.endswith("python -m pytest\n")


def test_a_commit_is_checked_by_the_ruff_of_the_environment_as_in_make_test():
    (local,) = YAML(typ="safe").load((ROOT / ".pre-commit-config.yaml").read_text())["repos"]
    said = make("test", "ROOM=").stdout

    assert local["repo"] == "local"
    assert len(local["hooks"]) == 2
    for hook in local["hooks"]:
        command = hook["entry"].removesuffix(" --force-exclude")
        assert f" {command.removeprefix('.venv/bin/')} .\n" in said


@pytest.mark.parametrize(
    ("arguments", "dataset"), [((), "cifar10"), (("DATASET=my_images",), "my_images")]
)
def test_a_study_is_of_cifar10_unless_another_is_named_which_joins_it_first(arguments, dataset):
    said = make("study", "--old-file=.venv/installed", *arguments).stdout

    joins, runs = f'studying --root . --dataset "{dataset}"', f'repro "report@{dataset}"'
    assert 0 < said.index(joins) < said.index(runs)


@pytest.mark.parametrize("target", ["predict", "export", "sweep"])
def test_what_is_tried_without_a_dataset_is_of_digits_and_one_can_be_named(target):
    # As if the environment were there: it isn't to be made.
    said, named = (
        make(target, "--old-file=.venv/installed", "IMAGE=a.png", *more).stdout
        for more in ((), ("DATASET=cifar10_jpeg",))
    )

    assert "digits" in said
    assert "cifar10" not in said
    assert "cifar10_jpeg" in named


def test_images_to_predict_may_be_several_and_have_spaces_in_their_names():
    said = make("predict", "--old-file=.venv/installed", "IMAGE='my photo.jpg' b.png").stdout

    assert "for image in 'my photo.jpg' b.png; do" in said
    assert '--image "$image"' in said


def test_every_step_of_ci_that_calls_make_names_a_target():
    workflows = [path.read_text() for path in (ROOT / ".github" / "workflows").glob("*.yml")]
    named = set(re.findall(r"run: make ([a-z-]+)", "\n".join(workflows)))
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), flags=re.MULTILINE)

    assert named <= set(targets)
    assert {"test", "test-slow", "reproduce", "run", "compare"} == named
