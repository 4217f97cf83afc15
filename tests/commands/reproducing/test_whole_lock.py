"""A dvc.lock that is cut off is noticed, wherever it was cut, and restored from the right place."""

import shutil
from pathlib import Path

import pytest
from dvc.utils.serialize import modify_yaml
from given.git import git
from ruamel.yaml.representer import RepresenterError

from resnet_depth.commands.reproducing.whole_lock import Entries, keep, mend, modify_whole

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


COMMITTED = Path(__file__).parents[3] / "dvc.lock"
LONG = {"cmd": "a command  that is longer than a line\n\nand goes on: " + "word " * 40}
FIRST, LAST = "settings", "report@digits"


def replaced(content):
    content["stages"][FIRST] = {**content["stages"][FIRST], **LONG}


def changed_within(content):
    content["stages"][LAST]["outs"][0]["md5"] = "d" * 32
    content["stages"][FIRST].update(LONG)


def added(content):
    content["stages"].update({"new@a-b": {**LONG, "outs": [{"path": "o", "nfiles": 3}]}})


def removed(content):
    del content["stages"][FIRST]


def emptied(content):
    for name in list(content["stages"]):
        del content["stages"][name]


def another_section(content):
    content["datasets"] = [{"name": "images", "type": "url"}]


@pytest.mark.parametrize(
    "edit", [replaced, changed_within, added, removed, emptied, another_section, len]
)
@pytest.mark.parametrize("comment", ["", "# Of a merge\n"])
def test_what_is_written_is_what_dvc_would_write(tmp_path, edit, comment):
    ours, theirs = tmp_path / "ours.lock", tmp_path / "theirs.lock"
    for path in (ours, theirs):
        path.write_text(comment + COMMITTED.read_text())

    with modify_whole(ours) as content:
        edit(content)
    with modify_yaml(str(theirs)) as content:
        edit(content)

    assert ours.read_text() == theirs.read_text()


def test_the_first_entry_of_a_lock_is_written_as_dvc_would(tmp_path):
    for write, name in ((modify_whole, "ours"), (modify_yaml, "theirs")):
        with write(tmp_path / name) as content:
            content.update(schema="2.0", stages={FIRST: LONG})

    assert (tmp_path / "ours").read_text() == (tmp_path / "theirs").read_text()


def test_of_a_lock_as_dvc_writes_it_only_what_is_asked_for_is_parsed(tmp_path):
    shutil.copy(COMMITTED, tmp_path)

    with modify_whole(tmp_path / "dvc.lock") as content:
        stages = content["stages"]
        assert isinstance(stages, Entries)
        assert stages.get("none") is None
        assert next(iter(stages)) == FIRST
        assert stages[LAST]["outs"]
