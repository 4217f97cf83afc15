"""What stands in DVC's way is mended, or told in one line with the command that mends it."""

import json
import os
import shutil
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest
from given.git import git

from resnet_depth.base.errors import UserError
from resnet_depth.commands.publishing import __main__ as publishing
from resnet_depth.commands.reproducing import __main__ as reproducing
from resnet_depth.commands.reproducing.look import end_lines_as_git, look, windows_files
from resnet_depth.commands.sweeping import __main__ as sweeping

ROOT = Path(__file__).parents[3]


@pytest.fixture
def root(tmp_path):
    """A repository, as far as it is looked at."""
    folder = tmp_path / "a repository"
    folder.mkdir()
    git(folder, "init", "--quiet", "--initial-branch=main")
    (folder / "dvc.yaml").write_text("stages: {}\n")
    (folder / "params.yaml").write_text("a: 0\n")
    commit(folder)
    return folder


def commit(root):
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message", "As it is")


def refusal(root):
    """The one line that a look is refused with."""
    with pytest.raises(UserError) as refused:
        look(root)
    assert "\n" not in str(refused.value)
    return str(refused.value)


def type_as_told(root, line):
    """Do what a refusal says."""
    subprocess.run(line.split("type: ")[1].split(",")[0], shell=True, cwd=root, check=True)


def test_nothing_is_said_where_nothing_is_in_the_way(root, capsys):
    look(root)

    assert capsys.readouterr() == ("", "")


def test_a_download_without_git_is_told_and_git_init_mends_it(tmp_path):
    line = refusal(tmp_path)

    assert "no git repository, which DVC needs (a download without .git?)" in line
    type_as_told(tmp_path, line)
    look(tmp_path)


@pytest.mark.parametrize(
    "command",
    [
        lambda root: reproducing.dvc_command(root, ["repro"]),
        reproducing.tidy_command,
        lambda root: reproducing.reproduce_command(root, "digits"),
        lambda root: publishing.publish_command(root, "digits"),
        lambda root: publishing.verify_command(root, "digits"),
        lambda root: sweeping.main(root, "digits", "reference", "lr", "0.1"),
    ],
    ids=["run, study and export", "tidy", "reproduce", "publish", "verify", "sweep"],
)
def test_every_command_that_calls_dvc_looks_first(tmp_path, command):
    with pytest.raises(UserError, match="no git repository, which DVC needs"):
        command(tmp_path)


def test_make_calls_dvc_by_no_other_way():
    lines = (ROOT / "Makefile").read_text().splitlines()
    calls = [line for line in lines if "dvc" in line and not line.startswith(("#", "\t@$(DVC) "))]

    assert [line for line in calls if "##" not in line] == [
        'DVC := $(PYTHON) -m resnet_depth.commands.reproducing dvc --root . --parent "$$PPID" --'
    ]


def test_a_folder_of_another_user_is_told_with_gits_own_command(root, monkeypatch, tmp_path):
    # As git's own tests let it take every folder for another user's.
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "gitconfig"))

    line = refusal(root)

    assert line.startswith(f"{root}: belongs to another user")
    type_as_told(root, line)
    look(root)


def test_a_machine_without_git_is_told(root, monkeypatch):
    monkeypatch.setenv("PATH", "")

    assert refusal(root) == "git isn't installed, which DVC needs; install it and repeat"


@pytest.mark.parametrize("name", ["dvc.lock", "dvc.yaml", "params.yaml"])
@pytest.mark.parametrize("added", [False, True])
def test_conflict_markers_are_told_and_the_command_takes_ones_own_side(root, name, added):
    path = root / name
    for branch, text in (("main", "a: 1\n"), ("other", "a: 2\n")):
        git(root, "checkout", "--quiet", *([] if branch == "main" else ["-b", branch, "HEAD~1"]))
        path.write_text(text)
        commit(root)
    git(root, "checkout", "--quiet", "main")
    subprocess.run(["git", "merge", "--quiet", "other"], cwd=root, capture_output=True, check=False)
    assert "<<<<<<< " in path.read_text()
    if added:
        git(root, "add", name)

    line = refusal(root)

    assert line.startswith(f"{name}: conflict markers of a merge")
    type_as_told(root, line)
    assert path.read_text() == "a: 1\n"


def test_windows_line_ends_are_told_and_make_format_mends_them(root):
    (root / "params.yaml").write_bytes(b"a: 1\r\n# An edit\r\n")
    (root / "dvc.yaml").write_bytes(b"stages: {}\r\n# Half\n")

    assert refusal(root).startswith("dvc.yaml: line ends of Windows (2 such files)")
    # That is what `make format` calls first.
    assert end_lines_as_git(root) == ["dvc.yaml", "params.yaml"]
    assert (root / "params.yaml").read_bytes() == b"a: 1\n# An edit\n"
    look(root)


def test_a_checkout_on_windows_has_the_line_ends_of_git(root, tmp_path):
    shutil.copy(ROOT / ".gitattributes", root)
    commit(root)
    clone = tmp_path / "clone"
    git(tmp_path, "-c", "core.autocrlf=true", "clone", "--quiet", str(root), str(clone))

    assert (clone / "params.yaml").read_bytes() == b"a: 0\n"
    assert windows_files(clone) == []


def rwlock(root, text):
    path = root / ".dvc" / "tmp" / "rwlock"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


@pytest.mark.parametrize("text", ["", '{"write": {"a": {"pid": 1, "cm', '{"write": 3}'])
def test_dvcs_list_that_a_kill_has_cut_off_is_removed(root, capsys, text):
    path = rwlock(root, text)

    look(root)

    assert not path.exists()
    said = capsys.readouterr().err
    assert said == ".dvc/tmp/rwlock was damaged by a kill; removed, no DVC is at work\n"


@contextmanager
def dvc_at_work(root, *words):
    """Let a process that looks like DVC's be at work; yield its number."""
    program = "print(flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", program, *(words or ("dvc", "repro"))],
        cwd=root,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        process.stdout.readline()
        yield process.pid
        process.communicate(b"\n")


def test_whom_a_kill_has_ended_is_taken_from_dvcs_list_also_if_another_has_its_number(root, capsys):
    with dvc_at_work(root) as number:
        alive, ended = {"pid": number, "cmd": "dvc"}, {"pid": os.getpid(), "cmd": "dvc"}
        path = rwlock(
            root,
            json.dumps(
                {
                    "write": {"/a": alive, "/b": ended},
                    "read": {"/c": [ended, alive], "/d": [ended]},
                }
            ),
        )

        look(root)

        assert json.loads(path.read_text()) == {"write": {"/a": alive}, "read": {"/c": [alive]}}
    look(root)
    assert json.loads(path.read_text()) == {"write": {}, "read": {}}
    assert capsys.readouterr().err == ""


def test_a_dvc_that_is_the_fork_of_a_server_is_at_work_too(root):
    with dvc_at_work(root, "from multiprocessing.forkserver import main; main()") as number:
        listed = {"write": {"/a": {"pid": number, "cmd": "repro"}}, "read": {}}
        path = rwlock(root, json.dumps(listed))

        look(root)

        assert json.loads(path.read_text()) == listed


def test_a_damaged_list_stays_while_dvc_is_at_work(root):
    path = rwlock(root, "")
    with dvc_at_work(root) as number:
        line = refusal(root)

    assert line.startswith(f".dvc/tmp/rwlock: damaged, while DVC is at work (process {number})")
    assert path.exists()
    look(root)
    assert not path.exists()
