"""A dvc.lock that is cut off is noticed, wherever it was cut, and restored from the right place."""

import pytest
from given.git import git
from ruamel.yaml.representer import RepresenterError

from resnet_depth.commands.reproducing.whole_lock import keep, mend, modify_whole

FROM_COPY = "restored from the copy of its last state"
FROM_GIT = "restored from git's HEAD"


def entry(name):
    """An entry as DVC writes it, with a folder and a file."""
    return f"""  {name}:
    cmd: python stages/{name}.py
    deps:
    - path: src/{name}
      hash: md5
      md5: {"a" * 32}.dir
      size: 12
      nfiles: 2
    outs:
    - path: data/{name}/first
      hash: md5
      md5: {"b" * 32}
      size: 123
    - path: data/{name}/second
      hash: md5
      md5: {"c" * 32}
      size: 4
"""


def lock(*names):
    return "schema: '2.0'\nstages:\n" + "".join(map(entry, names))


@pytest.fixture
def root(tmp_path):
    """A repository that has a lock of one stage committed."""
    git(tmp_path, "init", "--quiet")
    commit(tmp_path, lock("settings"))
    return tmp_path


def commit(root, text):
    (root / "dvc.lock").write_text(text)
    (root / ".gitignore").write_text("/.dvc\n")
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message", "Lock")


def mended(root, text):
    """What is said of a lock, and what it is then."""
    (root / "dvc.lock").write_text(text)
    return mend(root), (root / "dvc.lock").read_text()


def test_wherever_it_is_cut_it_is_restored_from_the_copy(root):
    whole = lock("start", "train", "report")
    assert mended(root, whole) == (None, whole)
    ends = {length for length in range(len(whole)) if whole[:length].endswith("\n")}

    told = {mended(root, whole[:length]) for length in ends | set(range(0, len(whole), 30))}

    assert told == {
        (f"dvc.lock was empty; {FROM_COPY}", whole),
        (f"dvc.lock was cut off; {FROM_COPY}", whole),
    }


@pytest.mark.parametrize(
    "rubbish", ["\0" * 4096, "stages: 3\n", "- a\n", "stages: {a: \n", "\ufeff"]
)
def test_what_is_no_lock_is_restored_too_and_kept_aside(root, rubbish):
    line, text = mended(root, rubbish)

    assert (line, text) == (f"dvc.lock was cut off; {FROM_GIT}", lock("settings"))
    assert (root / ".dvc" / "tmp" / "cut.lock").read_text() == rubbish


def test_without_a_copy_it_is_restored_from_git(root):
    assert mended(root, "") == (f"dvc.lock was empty; {FROM_GIT}", lock("settings"))


def test_a_copy_that_is_older_than_what_git_got_since_is_not_used(root):
    mended(root, lock("settings", "train"))
    commit(root, lock("settings", "report"))

    assert mended(root, "") == (f"dvc.lock was empty; {FROM_GIT}", lock("settings", "report"))


def test_without_copy_and_commit_it_is_removed_and_dvc_starts_a_new_one(tmp_path):
    git(tmp_path, "init", "--quiet")
    (tmp_path / "dvc.lock").write_text("")

    assert mend(tmp_path) == "dvc.lock was empty, and git has none; DVC's cache has what was made"
    assert not (tmp_path / "dvc.lock").exists()
    assert mend(tmp_path) is None


def test_a_shorter_lock_that_git_has_is_no_cut_one(root):
    whole = lock("settings", "train")
    commit(root, whole)
    assert mended(root, whole) == (None, whole)
    git(root, "checkout", "--quiet", "HEAD~1", "--", "dvc.lock")

    assert mend(root) is None
    assert (root / "dvc.lock").read_text() == lock("settings")


def test_a_lock_that_changed_is_no_cut_one(root):
    for text in (lock("settings", "train"), lock("train"), lock("train").replace("12", "13")):
        assert mended(root, text) == (None, text)


def test_what_was_written_shorter_on_purpose_is_whole(root):
    mended(root, lock("settings", "train"))
    (root / "dvc.lock").write_text(lock("settings")[:-1] + "0\n")
    keep(root)

    assert mend(root) is None
    assert (root / "dvc.lock").read_text() == lock("settings")[:-1] + "0\n"


def test_a_write_that_fails_leaves_the_lock_and_no_file_beside_it(root):
    left = root / "dvc.lock.1.tmp"
    left.write_text("of a write that was killed")

    with pytest.raises(RepresenterError), modify_whole(root / "dvc.lock") as content:
        content["stages"]["train"] = object()

    assert (root / "dvc.lock").read_text() == lock("settings")
    assert sorted(path.name for path in root.iterdir()) == [".git", ".gitignore", "dvc.lock"]
