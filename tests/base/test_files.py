"""Files are replaced whole or not at all."""

import hashlib
import json
import math

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
