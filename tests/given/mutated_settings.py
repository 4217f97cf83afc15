"""Settings files with one or a few mistakes, each made from a seed alone."""

import random
import re

# What a YAML file can say that no setting is: of every kind of value, bounds passed, and words
# that a parser's constructors, not its grammar, choke on.
VALUES = (
    *("null", "~", "true", "no", "''", "[]", "{}", "[[]]", "{a: {b: [1]}}", "[null]", "{null: 1}"),
    *("-1", "0", "1.5", "1e400", "-1e-400", ".inf", ".nan", "0x", "0x_", "0b102", "0o9", "1_000"),
    *("9" * 5000, "-" + "9" * 30, "0x" + "f" * 5000, "0o" + "7" * 6000, "1:30", "1" + ".0" * 9),
    *("2020-13-45", "2020-01-01", "2001-12-14t99:59:43Z", "2001-12-14 21:59:43.10 -99"),
    *("!!int abc", "!!int ''", "!!float x", "!!bool maybe", "!!null 3", "!!timestamp foo"),
    *(
        "!!binary '?'",
        "!!binary aGVsbG8=",
        "!!set {x, y}",
        "!!omap [x: 1]",
        "!!omap 3",
        "!!str [1]",
    ),
    *(
        "!!pairs [x: 1, x: 2]",
        "!!seq {a: 1}",
        "!!map 3",
        "!foo 3",
        "!<tag:x> 3",
        "!!python/name:os",
    ),
    *("&a [*a]", "&a {b: *a}", "*nothing", "{<<: 3}", "{<<: [3]}", "{<<: *nothing}", "&b 1"),
    *(
        "=",
        "<<",
        "? x",
        "- -",
        "@x",
        "`x`",
        "%x",
        "|",
        ">-",
        "'",
        '"',
        "[1, 2",
        "{a: 1",
        "}",
        "- 1",
    ),
    *(
        '"\\ud800"',
        '"\\U00110000"',
        '"\\x00\\e[2J\\a"',
        '"\\N\\L\\P"',
        '"a\\nb"',
        "a\tb",
        "\x1b[2J",
    ),
    *("x" * 3000, "ä" * 300, "ﷺ🙂\u202e", "\u2028", "\x85", "\ufeff", "\ufffe", "\x00", "\x7f"),
    *("http://[", "https://user:secret@host/x?token=secret", "~nosuchuser", "../../x", "[" * 40),
    *("$(x)", "${x}", "{" * 40, "[" * 600, "{? [1, 2]: 3}", "{? {a: 1}: 3}", "{1: 2, true: 3}"),
    *("[" + "1, " * 3000 + "1]", "[" + ", ".join(f"k{i}: {i}" for i in range(50)) + "]"),
)
# Lines that can stand anywhere between others.
LINES = (
    *("---", "...", "%YAML 1.1", "%YAML 3.0", "%TAG ! tag:x", "- 1", "\tx: 1", "? x", ": x", "#"),
    *(
        "  <<: *nothing",
        "<<: {study: 3}",
        "? [1, 2]\n: 3",
        "? {a: 1}\n: 3",
        "2020-01-01: 3",
        "3: 4",
    ),
    *("null: 1", "true: 1", "'': 1", "x" * 1100 + ": 1", "? " + "k" * 3000 + "\n: 1", "extras: {}"),
    *('"\\ud800": 1', '"\\U00110000": 1', '"a\\nb": 1', '"\\e[2J": 1', "!!binary aGk=: 1", "=: 1"),
    "a0: &a0 [x, x]\n" + "".join(f"a{i}: &a{i} [*a{i - 1}, *a{i - 1}]\n" for i in range(1, 40)),
    "a0: &a0 {x: 1}\n"
    + "".join(f"a{i}: &a{i} {{<<: [*a{i - 1}, *a{i - 1}]}}\n" for i in range(1, 40)),
    "".join(f"{' ' * i}deep:\n" for i in range(60)),
)


def mutated(text, seed):
    """The text of a settings file with one to three changes."""
    dice = random.Random(seed)
    for _ in range(dice.choice((1, 1, 2, 3))):
        text = dice.choice((_value, _value, _value, _key, _line, _moved, _characters))(text, dice)
    return text


def _value(text, dice):
    """Another value at a key, or as a member of a list."""
    places = list(re.finditer(r"(?<=: )\S.*|(?<=- )\S.*|(?<=:)$", text, re.MULTILINE))
    place = dice.choice(places)
    return f"{text[: place.start()]} {dice.choice(VALUES)}{text[place.end() :]}"


def _key(text, dice):
    """Another word in the place of a key."""
    place = dice.choice(list(re.finditer(r"[\w.]+(?=:)", text)))
    return text[: place.start()] + dice.choice(VALUES) + text[place.end() :]


def _line(text, dice):
    """A line too much."""
    lines = text.splitlines()
    lines.insert(dice.randrange(len(lines) + 1), dice.choice(LINES))
    return "\n".join(lines)


def _moved(text, dice):
    """A line lost, said twice, moved, or set in otherwise."""
    lines = text.splitlines()
    number = dice.randrange(len(lines))
    line = lines[number]
    edit = dice.choice(("lose", "repeat", "move", "shift"))
    if edit in ("lose", "move"):
        del lines[number]
    if edit in ("repeat", "move"):
        lines.insert(dice.randrange(len(lines) + 1), line)
    if edit == "shift":
        lines[number] = dice.choice((f" {line}", f"    {line}", line.lstrip(), f"\t{line}"))
    return "\n".join(lines)


def _characters(text, dice):
    """Some characters lost, others put in their place; or the end of the file lost."""
    start = dice.randrange(len(text))
    if not dice.randrange(6):
        return text[:start]
    new = "".join(
        dice.choice("\t\n \"'#%&*,-.:<>?@[]`{|}!0aé\x00\ufeff") for _ in range(dice.randrange(4))
    )
    return text[:start] + new + text[start + dice.randrange(4) :]
