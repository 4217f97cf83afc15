"""Files are replaced whole or not at all."""

import hashlib
import json
import math
import subprocess
import sys
from pathlib import Path

import pytest

from resnet_depth.base.files import (
    file_digest,
    read_json,
    replacing_file,
    replacing_folder,
    write_json,
    write_text,
)


def test_a_file_is_replaced_when_the_block_ends_well(tmp_path):
    path = tmp_path / "new" / "a.txt"

    write_text(path, "one\n")
    write_text(path, "two\n")

    assert path.read_bytes() == b"two\n"
    assert [child.name for child in path.parent.iterdir()] == ["a.txt"]


def test_a_file_stays_as_it_was_when_the_block_fails(tmp_path):
    path = tmp_path / "a.txt"
    write_text(path, "old")

    with pytest.raises(UnicodeEncodeError), replacing_file(path) as temporary:
        temporary.write_text("half of it: \N{SNOWMAN}", encoding="ascii")

    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_while_a_file_is_written_readers_see_the_old_one(tmp_path):
    path = tmp_path / "a.txt"
    write_text(path, "old")

    with replacing_file(path) as temporary:
        temporary.write_text("new")
        assert path.read_text() == "old"
        assert temporary.name.endswith(".tmp")


def test_a_linked_copy_is_left_alone(tmp_path):
    # DVC's cache may be hard links: writing in place would damage it.
    path, cached = tmp_path / "a.txt", tmp_path / "cached"
    write_text(path, "old")
    cached.hardlink_to(path)

    write_text(path, "new")

    assert cached.read_text() == "old"


def test_a_folder_is_replaced_with_all_it_held(tmp_path):
    folder = tmp_path / "out"
    for name in ("a", "b"):
        with replacing_folder(folder) as temporary:
            (temporary / name).write_text(name)

    assert [child.name for child in folder.iterdir()] == ["b"]


def test_a_folder_stays_as_it_was_when_the_block_fails(tmp_path):
    folder = tmp_path / "out"
    with replacing_folder(folder) as temporary:
        (temporary / "a").write_text("a")

    with pytest.raises(FileNotFoundError), replacing_folder(folder) as temporary:
        (temporary / "missing").read_text()

    assert [child.name for child in folder.iterdir()] == ["a"]
    assert list(tmp_path.iterdir()) == [folder]


def test_a_folder_that_can_not_be_put_in_its_place_leaves_what_was_there(tmp_path, monkeypatch):
    folder, replace = tmp_path / "out", Path.replace
    with replacing_folder(folder) as temporary:
        (temporary / "a").write_text("a")

    def refuse(self, target):
        if target == folder and (self / "b").exists():
            raise PermissionError(13, "Permission denied", str(target))
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(PermissionError), replacing_folder(folder) as temporary:
        (temporary / "b").write_text("b")

    assert [child.name for child in folder.iterdir()] == ["a"]
    assert list(tmp_path.iterdir()) == [folder]


def test_what_the_system_refuses_in_the_block_is_said_of_the_destination(tmp_path):
    path = tmp_path / "a.txt"

    with pytest.raises(NotADirectoryError) as caught, replacing_file(path) as temporary:
        (temporary.parent / ".lock" / "inside a file").touch()

    assert caught.value.filename == str(path)


def test_what_it_refuses_of_another_file_is_said_of_that(tmp_path):
    with pytest.raises(FileNotFoundError) as caught, replacing_file(tmp_path / "a.txt"):
        (tmp_path / "b.txt").read_text()

    assert caught.value.filename == str(tmp_path / "b.txt")


WRITER = """
import sys
from pathlib import Path
from resnet_depth.base.files import replacing_folder

with replacing_folder(Path(sys.argv[1])) as temporary:
    (temporary / "half").touch()
    print("at work", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def writer(tmp_path):
    """A process at work on the folder `out`, which waits to be told to end, or killed."""
    source = str(Path(__file__).parents[2] / "src")
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, str(tmp_path / "out")],
        env={"PYTHONPATH": source},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout.readline() == b"at work\n"
        yield process
        process.kill()


def test_what_a_killed_process_left_goes_when_the_same_is_written_again(tmp_path, writer):
    writer.kill()
    writer.wait()
    assert len(list(tmp_path.glob("out.*.tmp"))) == 1

    write_text(tmp_path / "out", "whole")

    assert list(tmp_path.iterdir()) == [tmp_path / "out"]


def test_what_a_living_process_is_writing_stays(tmp_path, writer):
    write_text(tmp_path / "out", "whole")

    (left,) = tmp_path.glob("out.*.tmp")
    assert (left / "out" / "half").exists()


@pytest.mark.parametrize("kind", ["file", "folder"])
def test_what_earlier_versions_left_goes_too_and_no_file_of_another_name(tmp_path, kind):
    left, other = tmp_path / "out.4711.tmp", tmp_path / "outer.4711.tmp"
    for path in (left, other):
        path.touch() if kind == "file" else path.mkdir()

    write_text(tmp_path / "out", "whole")

    assert sorted(tmp_path.iterdir()) == [tmp_path / "out", other]


def test_a_folder_whose_replacement_was_killed_half_way_has_its_place_again(tmp_path):
    replaced = tmp_path / "out.0123abcd.tmp" / ".replaced"
    replaced.mkdir(parents=True)
    (replaced / "a").touch()

    with pytest.raises(KeyError), replacing_folder(tmp_path / "out"):
        raise KeyError

    assert [child.name for child in (tmp_path / "out").iterdir()] == ["a"]
    assert list(tmp_path.iterdir()) == [tmp_path / "out"]


def test_json_keeps_full_precision_and_order(tmp_path):
    content = {"b": 0.1 + 0.2, "a": ["ü", None]}

    write_json(tmp_path / "a.json", content)

    assert read_json(tmp_path / "a.json") == content
    assert list(json.loads((tmp_path / "a.json").read_text())) == ["b", "a"]


def test_json_without_a_number_is_refused_and_nothing_is_written(tmp_path):
    with pytest.raises(ValueError, match="not JSON compliant"):
        write_json(tmp_path / "a.json", {"loss": math.nan})

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("algorithm", ["md5", "sha256"])
def test_a_digest_is_that_of_the_bytes(tmp_path, algorithm):
    (tmp_path / "a").write_bytes(b"abc" * 1000)

    expected = hashlib.new(algorithm, b"abc" * 1000).hexdigest()

    assert file_digest(tmp_path / "a", algorithm) == expected
