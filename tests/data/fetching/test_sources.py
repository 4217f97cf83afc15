"""Where a user says that files are: what can't be is one line that names the variable."""

import re

import pytest

from resnet_depth.base.errors import UserError
from resnet_depth.data.fetching.sources import source_of, source_path


def test_an_empty_variable_is_one_that_is_not_set(monkeypatch):
    monkeypatch.setenv("PETS_SOURCE", "")

    assert source_of("pets") is source_of("no_such_thing") is None


@pytest.mark.parametrize("value", ["a file", "https://host/x?y=1", "~/x", "caf\udce9", "a\u00a0b"])
def test_names_and_addresses_are_taken_as_they_are(monkeypatch, value):
    monkeypatch.setenv("PETS_SOURCE", value)

    assert source_of("pets") == value


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("http://[", "'http://['"),
        ("HTTP://user:secret@[/x?token=secret", "'HTTP://…@[/x?…'"),
        ("https://", "'https://'"),
        ("a\nb", r"'a\nb'"),
        ("\x1b[2J", r"'\x1b[2J'"),
    ],
)
def test_what_can_be_no_place_is_refused(monkeypatch, value, shown):
    monkeypatch.setenv("PETS_SOURCE", value)

    with pytest.raises(UserError, match=f"^PETS_SOURCE is {re.escape(shown)}; allowed: .*$"):
        source_of("pets")


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("~nosuchuser/x", "no such user"),
        ("x" * 300, "File name too long"),
        ("y/" * 3000, "File name too long"),
        ("nowhere", "no such file"),
        (".", "no such file"),
        ("ftp://user:secret@host/x", "no such file"),
    ],
)
def test_a_source_that_is_no_file_is_one_line_with_the_variable(source, reason):
    with pytest.raises(UserError) as refused:
        source_path("pets", source, "allowed: a tar")

    line = str(refused.value)
    assert re.fullmatch(rf"PETS_SOURCE=.*: {reason}; allowed: a tar", line)
    assert len(line) < 260
    assert "secret" not in line


def test_a_folder_is_taken_where_it_may_be_one(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))

    assert source_path("pets", "~", "", folder=True) == tmp_path
    with pytest.raises(UserError, match="no such folder or file; name another"):
        source_path("pets", "~/x", "name another", folder=True)
