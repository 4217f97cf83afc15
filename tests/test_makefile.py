"""`make test` of one room; that a commit is checked by the same ruff, and CI runs what is here."""

import os
import re
import shutil
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
GIVEN = re.search("^GIVEN := (.*)", (ROOT / "Makefile").read_text(), re.MULTILINE)[1].split()
# Of each target, the options that it gives Python, by the variables that they come from.
TAKEN = {
    "study": ("DATASET", "JOBS"),
    "costs": ("DATASET",),
    "export": ("DATASET", "RECIPE", "DEPTH"),
    "predict": ("DATASET", "RECIPE", "DEPTH"),
    "sweep": ("DATASET", "RECIPE", "KEY", "VALUES"),
    "publish": ("DATASET", "STUDY"),
    "verify": ("STUDY", "RUN"),
    "compare": ("A", "B", "DATASET"),
}
ODD = (
    *("$(shell touch made)", "$$(touch made)", "$(touch made)", "`touch made`", "${made", "$("),
    *(";touch made;", "';touch made;'", '";touch made;"', "| touch made", "> made", "&touch made"),
    *("../x", "-x", "--", "a b", "#x", "%", "a:b=c", "*", "~", "\\", "é→\u202e"),
)
# Stands in for Python: it says what it was given, a word a line.
SAYING = '#!/bin/sh\nfor word; do printf "%s\\n" "$word"; done\n'


def make(*arguments, folder=ROOT, **environment):
    """Run `make` as from a terminal, though it may be what runs this."""
    names = {name for name in os.environ if name.startswith("MAKE")} | {*GIVEN}
    return subprocess.run(
        ["make", *(["--dry-run"] if folder == ROOT else []), *arguments],
        cwd=folder,
        env={name: os.environ[name] for name in os.environ.keys() - names} | environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def said(tmp_path_factory):
    """Return a function that runs a target and returns the words that Python was given."""
    folder = tmp_path_factory.mktemp("said") / "a project"
    (folder / ".venv" / "bin").mkdir(parents=True)
    shutil.copy(ROOT / "Makefile", folder)
    (folder / "environment.sh").touch()
    (folder / ".venv" / "bin" / "python").write_text(SAYING)
    (folder / ".venv" / "bin" / "python").chmod(0o755)

    def words(*arguments, **environment):
        done = make(*arguments, folder=folder, **environment)
        assert not (folder / "made").exists(), arguments
        return done.stdout.splitlines()

    return words


@pytest.mark.parametrize("room", sorted(ROOMS))
def test_a_room_is_linted_and_tested_alone_and_types_are_checked(room):
    said = make("test", f"ROOM={room}").stdout
    code = next(ROOT.glob(f"src/resnet_depth/{room}*")).relative_to(ROOT)
    tests = "tests/test_params.py" if room == "params" else f"tests/{room}"

    assert f"ruff check {code} {tests}\n" in said
    assert f"ruff format --check {code} {tests}\n" in said
    assert "mypy src stages" in said
    assert f'python -m pytest -m "not slow" {tests}\n' in said


@pytest.mark.parametrize(
    ("room", "tests"), [("pipeline", "tests/pipeline"), ("structure", "tests/test_structure.py")]
)
def test_what_holds_for_all_rooms_is_tested_alone(room, tests):
    said = make("test", f"ROOM={room}").stdout

    assert f"ruff check {tests}\n" in said
    assert f'python -m pytest -m "not slow" {tests}\n' in said


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


def test_a_dataset_joins_the_study_before_it_is_run(said):
    words = said("study", "DATASET=my_images")

    assert words.index("--dataset=my_images") < words.index("report@my_images")


@pytest.mark.parametrize("target", ["predict", "export", "sweep"])
def test_what_is_tried_without_a_dataset_is_of_digits_and_one_can_be_named(said, target):
    assert "--dataset=digits" in said(target)
    assert "--dataset=cifar10_jpeg" in said(target, "DATASET=cifar10_jpeg")
    assert "--dataset=cifar10_jpeg" in said(target, DATASET="cifar10_jpeg")


def test_a_study_without_a_dataset_is_of_cifar10_and_is_published_by_its_name(said):
    assert "--dataset=cifar10" in said("study")
    assert {"--dataset=cifar10", "--study=cifar10"} <= {*said("publish")}
    assert {"--dataset=mine", "--study=mine"} <= {*said("publish", "DATASET=mine")}


@pytest.mark.parametrize("target", TAKEN)
def test_what_a_user_gives_is_neither_run_nor_changed_by_make_or_the_shell(said, target):
    for value in ODD:
        given = dict.fromkeys(TAKEN[target], value)
        options = {f"--{name.lower()}={value}" for name in given}

        assert options <= {*said(target, *(f"{name}={value}" for name in given))}
        assert options <= {*said(target, **given)}


def test_a_scheduler_that_a_user_gives_is_neither_run_nor_changed_either(said):
    for value in ODD:
        assert f"--scheduler={value}" in said("study", f"SCHEDULER={value}", "JOBS=4")
        assert f"--scheduler={value}" in said("study", SCHEDULER=value)
    assert "clones" not in said("study", "SCHEDULER=")


def test_words_that_a_user_gives_may_be_quoted_and_are_not_run(said):
    words = "'my photo.jpg' $(touch made) `id` ;b.png -c"
    apart = ["my photo.jpg", "$(touch", "made)", "`id`", ";b.png", "-c"]

    assert said("predict", f"IMAGE={words}", "ARGS=--top 5")[-9:] == ["--top", "5", "--", *apart]
    for target in ("predict", "sweep", "experiments", "bench"):
        found = said(target, f"ARGS={words}")
        assert found[found.index(apart[0]) :][: len(apart)] == apart


def test_every_step_of_ci_that_calls_make_names_a_target():
    workflows = [path.read_text() for path in (ROOT / ".github" / "workflows").glob("*.yml")]
    named = set(re.findall(r"run: make ([a-z-]+)", "\n".join(workflows)))
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), flags=re.MULTILINE)

    assert named <= set(targets)
    assert {"test", "test-studies", "test-slow", "reproduce", "run", "compare"} == named
