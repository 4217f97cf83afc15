"""YAML is read as DVC reads it; what can't be read is one line, with its place."""

import time

import pytest

from resnet_depth.base.parsing import ParseError, parse

BOMB = "".join(f"a{i}: &a{i} [*a{i - 1}, *a{i - 1}]\n" for i in range(1, 40))
MERGES = "".join(f"a{i}: &a{i} {{<<: [*a{i - 1}, *a{i - 1}]}}\n" for i in range(1, 40))


@pytest.mark.parametrize(
    ("text", "content"),
    [
        ("a: 1e-3", {"a": 1e-3}),  # In YAML 1.1 a string.
        ("\ufeffa: 0x10", {"a": 16}),
        ("a: &x 1\nb: &x 2\nc: *x", {"a": 1, "b": 2, "c": 2}),
        ("a: &x {p: 1}\nb: {<<: *x, q: 2}", {"a": {"p": 1}, "b": {"p": 1, "q": 2}}),
        ("%YAML 1.1\n---\na: 1:30", {"a": 90}),
        ("", None),
    ],
)
def test_what_is_yaml_is_read(text, content):
    assert parse(text) == content


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("a:\n  b: 2020-13-45", "line 2 (a.b) is no valid YAML: '2020-13-45' is no timestamp"),
        ("a: [1, !!int x]", "line 1 (a.1) is no valid YAML: 'x' is no int"),
        ("a: !!bool maybe", "line 1 (a) is no valid YAML: 'maybe' is no bool"),
        ("a: 0x_", "line 1 (a) is no valid YAML: '0x_' is no int"),
        ("a: " + "9" * 5000, "line 1 (a) is no valid YAML: '999"),
        ("x: 1\na: !foo 3", "line 2 (a) is no valid YAML: could not determine a constructor"),
        ("a: {<<: 3}", "line 1 (a) is no valid YAML: while constructing a mapping, expected a map"),
        ('a: "\\U00110000"', "line 1 (a) is no valid YAML: chr() arg not in range"),
        ('"\\U00110000": 1', "no valid YAML: chr() arg not in range"),
        ("a: *x", "line 1 (a) is no valid YAML: found undefined alias 'x'"),
        (
            "a: 1\na: 2",
            "line 2 is no valid YAML: while constructing a mapping, found duplicate",
        ),
        ("a: 1\nb: \x00", "line 2 is no valid YAML: the character '\\x00' isn't allowed"),
        ("a: 1\n---\nb: 2", "line 2 is no valid YAML: expected a single document in the stream"),
        ("a: &x [*x]", "line 1 (a.0) is no valid YAML: an alias of what it stands in"),
        (
            "? {a: 1}\n: 3",
            "line 1 is no valid YAML: while constructing a mapping, found unhash",
        ),
        ("a: " + "[" * 100 + "]" * 100, "is no valid YAML: it is nested deeper than 32 levels"),
        (f"a0: &a0 [x, x]\n{BOMB}", "is no valid YAML: its aliases repeat too much"),
        (f"a0: &a0 {{x: 1}}\n{MERGES}", "is no valid YAML: its aliases repeat too much"),
        (f"a: &x {'y' * 9999}\nb: [{'*x, ' * 999}]", "(b) is no valid YAML: its aliases repeat"),
        ("a" * 1_000_001, "no valid YAML: it has more than 1,000,000 characters"),
    ],
)
def test_what_is_no_yaml_is_told_in_one_line_soon(text, fault):
    start = time.monotonic()

    with pytest.raises(ParseError) as refused:
        parse(text)

    assert fault in str(refused.value)
    assert str(refused.value).isprintable()
    assert len(str(refused.value)) < 450
    assert time.monotonic() - start < 10
