"""How what came from outside stands in a message: short, printable and without secrets."""

import re
from reprlib import Repr
from typing import Any

LONGEST = 200
# What is looked at of a longer text.
_SEEN = 20 * LONGEST
# What moves a terminal's cursor, starts a line, turns the way that it is read or is no text at all.
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
# Who asks, in an address: up to the last @ of a host's place, or, where a password has a slash,
# of the whole.
_USER = re.compile(r"(?<=://)(?:[^/?#\s]{1,2000}|[^/?#\s:]{0,200}:\S{1,2000})@")
# What an address asks for: a token as often as not.
_QUERY = re.compile(r"(://[^\s?#'\"]{1,2000}[?#])[^\s'\"]+")


def masked(text: str) -> str:
    """Return a text whose addresses show no user, password or token: these are «…»."""
    return _QUERY.sub(r"\1…", _USER.sub("…@", text))


def quoted(value: Any) -> str:
    """Return a value as Python writes it, at most 200 characters of it."""
    return _cut(_BOUNDED.repr(value))


def told(text: str) -> str:
    """Return what someone else's program says, on one line and at most 200 characters of it."""
    return _cut(escaped(" ".join(masked(text[:_SEEN]).split())))


def escaped(text: str) -> str:
    r"""Return a text with its control characters and line ends written out, such as `\\x1b`."""
    return _CONTROL.sub(lambda found: repr(found[0])[1:-1], text)


def printable(message: str) -> str:
    """Return a message of several lines, each `escaped`."""
    return "\n".join(escaped(line) for line in message.split("\n"))


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


class _Bounded(Repr):
    """Python's notation, of which no more is made than is shown."""

    def __init__(self) -> None:
        super().__init__()
        self.maxlevel = 4
        self.maxdict = self.maxlist = self.maxtuple = self.maxset = LONGEST // 4
        self.maxstring = self.maxlong = self.maxother = 2 * LONGEST

    def repr_str(self, x: str, level: int) -> str:  # noqa: ARG002
        """Return a text without secrets, long ones without their end."""
        return repr(masked(x[:_SEEN])[: self.maxstring])

    def repr_int(self, x: int, level: int) -> str:  # noqa: ARG002
        """Return a number, in base 16 where Python refuses the long way to base 10."""
        return hex(x) if x.bit_length() > self.maxlong else repr(x)


_BOUNDED = _Bounded()
