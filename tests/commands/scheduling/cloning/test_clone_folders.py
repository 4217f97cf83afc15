"""Each worker has a clone to itself, of the commit asked for, where nobody else can write."""

import os
import tempfile
from contextlib import ExitStack

import pytest
from given.git import git

from resnet_depth.base.errors import UserError
from resnet_depth.commands.scheduling.cloning.clone_folders import default_home, own_clone


@pytest.fixture
def source(tmp_path):
    """A repository with two commits; DVC's folder is there."""
    folder = tmp_path / "source"
    (folder / ".dvc").mkdir(parents=True)
    git(folder, "init", "--quiet")
    for text in ("first", "second"):
        (folder / ".dvc" / "config").write_text(f"# {text}\n")
        git(folder, "add", "--all")
        git(folder, "commit", "--quiet", "--message", text)
    return folder


def revision(source, name="HEAD"):
    return git(source, "rev-parse", name)


def clone(source, tmp_path, name="HEAD", checkpoints=None):
    remote, home = {"url": "/a remote"}, tmp_path / "home"
    return own_clone(home, str(source), revision(source, name), remote, checkpoints)


def test_a_clone_has_the_commit_and_the_remote(source, tmp_path):
    with clone(source, tmp_path, "HEAD~1") as folder:
        assert (folder / ".dvc" / "config").read_text() == "# first\n"
        assert "url = /a remote" in (folder / ".dvc" / "config.local").read_text()
        assert git(folder, "status", "--porcelain") == "?? .dvc/config.local"


def test_two_that_work_at_once_have_two_clones_and_the_next_one_takes_one_of_them(source, tmp_path):
    with ExitStack() as both:
        first = both.enter_context(clone(source, tmp_path))
        second = both.enter_context(clone(source, tmp_path))
    with clone(source, tmp_path) as third:
        assert first != second
        assert third == first


def test_clones_of_other_commits_go_unless_somebody_uses_them(source, tmp_path):
    with clone(source, tmp_path, "HEAD~1") as earlier, clone(source, tmp_path):
        assert earlier.is_dir()
    with clone(source, tmp_path) as later:
        assert not earlier.exists()
        assert later.is_dir()


def test_a_clone_that_was_cut_off_is_made_anew(source, tmp_path):
    left = tmp_path / "home" / f"{revision(source)}-0.tmp"
    left.mkdir(parents=True)

    with clone(source, tmp_path) as folder:
        assert (folder / ".dvc" / "config").is_file()


def test_checkpoints_lie_where_the_next_run_wants_them(source, tmp_path):
    shared, place = tmp_path / "shared", ".checkpoints"
    with clone(source, tmp_path) as folder:
        (folder / place).mkdir()
    with clone(source, tmp_path, checkpoints=shared) as folder:
        assert (folder / place).resolve() == shared
    with clone(source, tmp_path, checkpoints=shared) as folder:
        assert (folder / place).resolve() == shared
    with clone(source, tmp_path) as folder:
        assert not (folder / place).exists()
    assert shared.is_dir()


def test_a_commit_that_is_not_there_is_told(source, tmp_path):
    with (
        pytest.raises(UserError, match="has no commit 000000000000; push it there first"),
        own_clone(tmp_path / "home", str(source), "0" * 40, {}, None),
    ):
        pass


def test_a_repository_that_is_not_there_is_told(source, tmp_path):
    with (
        pytest.raises(UserError, match="nowhere: can't be cloned"),
        own_clone(tmp_path / "home", str(tmp_path / "nowhere"), "0" * 40, {}, None),
    ):
        pass


def test_a_folder_of_clones_where_others_can_write_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    home = default_home()
    assert home.stat().st_mode & 0o777 == 0o700
    home.chmod(0o777)

    with pytest.raises(UserError, match="others can write there"):
        default_home()
    assert home.name == f"resnet-depth-{os.getuid()}"
