"""What git says of a repository, or why it can't."""

import pytest
from given.git import git as git_as_somebody

from resnet_depth.base.errors import UserError
from resnet_depth.commands.git import GitError, git, git_if_it_can


@pytest.fixture
def root(tmp_path):
    git_as_somebody(tmp_path, "init", "--quiet")
    return tmp_path


def test_ends_of_lines_stay_and_bytes_that_are_not_utf8_are_replaced(root):
    (root / "windows").write_bytes(b"one\r\ntwo \xff\n")
    git_as_somebody(root, "add", "windows")

    assert git(root, "show", ":windows") == "one\r\ntwo \N{REPLACEMENT CHARACTER}\n"


def test_a_failure_is_one_line_with_the_folder_and_what_git_said(root, monkeypatch):
    monkeypatch.setenv("LC_ALL", "de_DE.UTF-8")

    with pytest.raises(GitError) as failed:
        git(root, "rev-parse", "--verify", "HEAD")

    assert failed.value.said == "fatal: Needed a single revision"
    assert str(failed.value) == f"{root}: git fails: fatal: Needed a single revision"
    assert git_if_it_can(root, "rev-parse", "--verify", "HEAD") is None


def test_a_folder_that_is_not_there_is_named(tmp_path):
    with pytest.raises(GitError, match="nowhere: git fails: fatal: cannot change to"):
        git(tmp_path / "nowhere", "rev-parse", "HEAD")


def test_a_machine_without_git_is_told_even_where_an_answer_is_not_needed(root, monkeypatch):
    monkeypatch.setenv("PATH", "")

    with pytest.raises(UserError, match="git isn't installed"):
        git_if_it_can(root, "rev-parse", "HEAD")
