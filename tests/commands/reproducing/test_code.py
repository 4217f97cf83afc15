"""Code that results depend on, in files and folders: is it as in dvc.lock, and as in a commit?"""

import hashlib
import json
import subprocess
import sys

import pytest
from given.git import git

from resnet_depth.base.errors import UserError
from resnet_depth.commands.reproducing.code import (
    changed_code,
    changed_files,
    is_of_commit,
    line_changes,
    uncommitted_code,
)
from resnet_depth.commands.reproducing.lock import Entry, stages_of

ROOM = "src/resnet_depth/training"
# Parts of paths and whole paths sort otherwise: "-" comes before "/", "." between them.
FILES = {
    "stages/train.py": "import training\n",
    f"{ROOM}/loop.py": "loops = True\n",
    f"{ROOM}/inner/adam.py": "beta = 0.9\n",
    f"{ROOM}/inner-most.py": "inner = 1\n",
    f"{ROOM}/inner.py": "inner = 0\n",
    f"{ROOM}/page.html.jinja": "<p>\n",
}
# What stands in a room and doesn't count.
LITTER = {
    f"{ROOM}/README.md": "About\n",
    f"{ROOM}/.loop.py.swp": "swap\n",
    f"{ROOM}/__pycache__/loop.cpython-311.pyc": "compiled\n",
}
IGNORE = "__pycache__/\n/src/**/*\n!/src/**/*/\n!/src/**/*.py\n# Templates\n!/src/**/*.jinja\n"


def md5(text):
    return hashlib.md5(text.encode()).hexdigest()


def write(root, files):
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)


@pytest.fixture
def root(tmp_path):
    """A committed repository with a script, a room and an unlisted module."""
    write(tmp_path, {**FILES, ".dvcignore": IGNORE, ".gitignore": "__pycache__/\n*.swp\n"})
    write(tmp_path, {"src/resnet_depth/other.py": "other = True\n", "dvc.yaml": "stages: {}\n"})
    git(tmp_path, "init", "--quiet")
    git(tmp_path, "add", "--all")
    git(tmp_path, "commit", "--quiet", "--message", "Code")
    return tmp_path


def room_hash(files=FILES):
    prefix = f"{ROOM}/"
    listed = [
        {"md5": md5(text), "relpath": name.removeprefix(prefix)}
        for name, text in sorted(files.items())
        if name.startswith(prefix)
    ]
    return md5(json.dumps(listed, sort_keys=True)) + ".dir"


@pytest.fixture
def entries():
    """Two stages: one lists a script and a room, one of an earlier time single files."""
    script = {"stages/train.py": md5(FILES["stages/train.py"])}
    rooms = Entry({**script, ROOM: room_hash(), "data/prepared": "da.dir"}, {})
    files = Entry({**script, **{name: md5(text) for name, text in FILES.items()}}, {})
    return [rooms, files]


def head(root):
    return git(root, "rev-parse", "HEAD")


def test_the_hash_of_a_folder_is_dvcs_own(root):
    stage = f"stages:\n  settings: {{cmd: echo, deps: [{ROOM}, stages/train.py]}}\n"
    write(root, {**LITTER, "dvc.yaml": stage})
    for arguments in (["init", "--quiet"], ["repro", "--quiet"]):
        subprocess.run([sys.executable, "-m", "dvc", *arguments], cwd=root, check=True)

    entry = stages_of(root / "dvc.lock", "digits")["settings"]

    assert entry.deps == {ROOM: room_hash(), "stages/train.py": md5(FILES["stages/train.py"])}
    assert changed_code(root, [entry]) == []


def test_unchanged_code_is_of_the_lock_and_of_the_commit(root, entries):
    write(root, LITTER)

    assert changed_code(root, entries) == []
    assert uncommitted_code(root, entries) == []
    assert is_of_commit(root, head(root), entries)
    # The tree may have had other changes.
    assert is_of_commit(root, f"{head(root)}+changes", entries)


def test_a_changed_file_is_named_alone_and_with_its_room(root, entries):
    write(root, {f"{ROOM}/inner/adam.py": "beta = 0.8\n"})

    rooms, files = ([entry] for entry in entries)
    assert changed_code(root, rooms) == [ROOM]
    assert changed_code(root, files) == [f"{ROOM}/inner/adam.py"]
    for listed in (rooms, files):
        assert uncommitted_code(root, listed) == [f"{ROOM}/inner/adam.py"]
        # The commit still is what the lock names.
        assert is_of_commit(root, head(root), listed)
        git(root, "commit", "--quiet", "--all", "--allow-empty", "--message", "Changed")
        assert uncommitted_code(root, listed) == []
        assert not is_of_commit(root, head(root), listed)
        git(root, "reset", "--quiet", "--soft", "HEAD~1")


def test_moved_code_is_gone_where_it_was(root, entries):
    git(root, "mv", f"{ROOM}/loop.py", "src/resnet_depth/loop.py")
    git(root, "mv", "stages/train.py", "stages/fit.py")

    rooms, files = ([entry] for entry in entries)
    assert changed_code(root, rooms) == [ROOM, "stages/train.py"]
    assert changed_code(root, files) == [f"{ROOM}/loop.py", "stages/train.py"]
    assert uncommitted_code(root, files) == [f"{ROOM}/loop.py", "stages/train.py"]
    git(root, "commit", "--quiet", "--message", "Moved")
    for listed in (rooms, files):
        assert not is_of_commit(root, head(root), listed)


def test_a_new_module_of_a_room_changes_it(root, entries):
    write(root, {f"{ROOM}/new.py": "new = True\n"})

    rooms, files = ([entry] for entry in entries)
    assert changed_code(root, rooms) == [ROOM]
    assert uncommitted_code(root, rooms) == [f"{ROOM}/new.py"]
    assert changed_code(root, files) == uncommitted_code(root, files) == []


def test_a_whole_room_that_is_gone_is_named(root, entries):
    git(root, "mv", ROOM, "src/resnet_depth/learning")
    git(root, "commit", "--quiet", "--message", "Renamed")

    assert changed_code(root, entries[:1]) == [ROOM]
    assert not is_of_commit(root, head(root), entries[:1])


@pytest.mark.parametrize("name", ["dvc.yaml", ".dvcignore"])
def test_what_decides_which_code_counts_has_to_be_committed(root, entries, name):
    write(root, {name: (root / name).read_text() + "# Changed\n"})

    assert uncommitted_code(root, entries) == [name]


def test_an_unknown_commit_has_no_code(root, entries):
    assert not is_of_commit(root, "0" * 40, entries)
    assert not is_of_commit(root, None, entries)


def test_a_folder_without_git_is_one_clear_line(tmp_path, entries):
    with pytest.raises(UserError, match="git fails: fatal: not a git repository"):
        uncommitted_code(tmp_path, entries)


def test_the_file_of_a_room_that_was_changed_is_named_by_history(root, entries):
    write(root, {f"{ROOM}/loop.py": "loops = False\n", **LITTER, f"{ROOM}/README.md": "Other\n"})
    known = {"train@digits-reference-18-0": entries[0]}

    assert changed_files(root, known) == {f"{ROOM}/loop.py": list(known)}
    git(root, "commit", "--quiet", "--all", "--message", "One line of training")
    assert changed_files(root, known) == {f"{ROOM}/loop.py": list(known)}
    write(root, {f"{ROOM}/new.py": "new = True\n"})
    assert list(changed_files(root, known)) == [f"{ROOM}/loop.py", f"{ROOM}/new.py"]


def test_of_code_that_was_never_committed_the_room_is_named(root, entries):
    never = {"a": Entry({ROOM: "0" * 32 + ".dir"}, {}), "b": entries[0]}

    assert changed_files(root, never) == {ROOM: ["a"]}


def test_entries_of_other_code_than_later_ones_are_seen(root, entries):
    earlier = Entry({ROOM: "0" * 32 + ".dir"}, {})

    assert changed_code(root, [earlier, entries[0]]) == [ROOM]
    assert changed_code(root, [entries[0], earlier]) == [ROOM]


def test_lines_that_changed_are_counted_by_file_to_a_commit_and_to_what_lies_there(root):
    before = head(root)
    write(root, {f"{ROOM}/loop.py": "loops = False\nmore = 1\n"})
    git(root, "commit", "--quiet", "--all", "--message", "Changed")
    write(root, {f"{ROOM}/new.py": "new = True\n", "other.txt": "Not asked for\n"})

    assert line_changes(root, before, head(root), ["src"]) == {f"{ROOM}/loop.py": ("2", "1")}
    assert line_changes(root, before, None, ["src"]) == {
        f"{ROOM}/loop.py": ("2", "1"),
        f"{ROOM}/new.py": ("1", "0"),
    }
    assert line_changes(root, "0" * 40, None, ["src"]) is None
