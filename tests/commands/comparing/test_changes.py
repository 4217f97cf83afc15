"""What was changed between two studies is named: keys, files of code, fields of the machine."""

from dataclasses import replace
from pathlib import Path

import pytest
from given.git import git
from given.published_study import CODE
from given.two_studies import write_two_studies

from resnet_depth.base.files import read_json, write_json
from resnet_depth.commands.comparing.changes import (
    changed_code,
    changed_machine,
    changed_settings,
)
from resnet_depth.commands.comparing.sides import Side, open_sides
from resnet_depth.commands.publishing.study import open_study

RESULTS = Path(__file__).parents[3] / "docs" / "results"
REFERENCE = [("reference", "reference")]


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    return write_two_studies(tmp_path_factory.mktemp("changes") / "repository")


@pytest.fixture(scope="module")
def sides(root, tmp_path_factory):
    return open_sides(root, ("before", "workspace"), "", tmp_path_factory.mktemp("sides"))


def published(name):
    return Side(name, open_study(RESULTS, name), {}, None)


def test_a_changed_key_is_told_with_both_values(sides):
    assert changed_settings(*sides, REFERENCE) == [("recipes.reference.lr", "0.001", "0.0003")]


def test_a_study_does_not_differ_from_itself(root, sides):
    first, _ = sides

    assert changed_settings(first, first, REFERENCE) == []
    assert changed_code(root, first, first) == []
    assert changed_machine(first.study, first.study) == []


def test_recipes_of_two_names_are_compared_whole():
    settings = changed_settings(
        published("cifar10_jpeg_4_seeds"), published("cifar10_jpeg_fast"), [("reference", "fast")]
    )

    told = {change.key: (change.was, change.now) for change in settings}
    assert told["recipes.reference → fast.optimizer"] == ("adam", "muon")
    # What `fast` leaves to the reference is the same.
    assert "recipes.reference → fast.stem" not in told
    assert told["study.seeds"] == ("[0, 1, 2, 3]", "[0, 1, 2]")
    assert told["export.threads"] == ("–", "2")


def test_settings_of_the_time_before_recipes_are_told_in_todays_form():
    settings = changed_settings(
        published("cifar10_jpeg"), published("cifar10_jpeg_lr_3e-4"), REFERENCE
    )

    assert ("recipes.reference.lr", "0.001", "0.0003") in settings
    assert {change.key.partition(".")[0] for change in settings} <= {"recipes", "study"}


def test_code_that_the_results_depend_on_is_told_with_lines_that_were_added_and_removed(
    root, sides
):
    first, second = sides
    (root / "README.md").write_text("Nothing depends on this.\n")

    assert changed_code(root, first, second) == [(CODE, "1", "0")]
    assert changed_code(root, second, first) == [(CODE, "0", "1")]
    after = replace(second, commit=git(root, "rev-parse", "after"))
    assert changed_code(root, first, after) == [(CODE, "1", "0")]


def test_code_of_a_commit_that_is_not_here_is_not_told(root, sides):
    first, second = sides

    assert changed_code(root, replace(first, known=False), second) is None


def test_another_machine_class_is_told_by_field(sides, tmp_path):
    first, second = (side.study for side in sides)
    costs = read_json(second.folder / "costs.json")
    costs["machine_classes"][0]["packages"]["numpy"] = "2.4.7"
    write_json(tmp_path / "costs.json", costs)

    found = changed_machine(first, replace(second, folder=tmp_path))

    assert found == ["packages.numpy: 2.4.6 in A, 2.4.7 in B"]
