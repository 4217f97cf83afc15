"""What came from outside is short, printable and without secrets, wherever it is told."""

import pytest

from resnet_depth.base.errors import UserError
from resnet_depth.base.messages import LONGEST, escaped, masked, printable, quoted, told


@pytest.mark.parametrize("value", ["fast", 1, -1.5, True, None, [18, 18], {"a": (1, {2})}, "a\nb"])
def test_a_value_is_written_as_python_does(value):
    assert quoted(value) == repr(value)


@pytest.mark.parametrize(
    "value",
    ["x" * 10**6, [1] * 10**6, [["y" * 300] * 300] * 300, 10**5000, {"k" * 999: "v" * 999}],
    ids=["text", "list", "lists", "number", "mapping"],
)
def test_of_a_large_value_little_is_made_and_told(value):
    assert len(quoted(value)) <= LONGEST


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("https://user:secret@host/x", "https://…@host/x"),
        ("https://secret@host/x?token=secret#secret", "https://…@host/x?…"),
        ("ftp://user:sec/ret@host", "ftp://…@host"),
        (
            "two: 'http://a:secret@b/' and http://c/d?e=secret.",
            "two: 'http://…@b/' and http://c/d?…",
        ),
        ("https://host/@scope/pkg@1.2/x", "https://host/@scope/pkg@1.2/x"),
        ("mail me@host?", "mail me@host?"),
    ],
)
def test_users_passwords_and_queries_of_addresses_are_masked(text, shown):
    assert masked(text) == told(text) == shown
    assert "secret" not in quoted([text])


def test_what_others_say_is_one_printable_line():
    assert told("a\r\n\tb \x1b[2J\u202e") == r"a b \x1b[2J\u202e"
    assert escaped("a\nb") == r"a\nb"
    assert len(told("long " * 10**6)) == LONGEST


def test_a_message_keeps_its_lines_but_moves_no_cursor():
    assert str(UserError("a\x1b[2J\nb\rc")) == printable("a\x1b[2J\nb\rc") == "a\\x1b[2J\nb\\rc"
