"""The exceptions that stand for what a user did, not for a fault of the program."""

from resnet_depth.base.messages import printable


class UserError(Exception):
    """A mistake the user can mend.

    Its text is what the user reads: one line saying what was wrong, where, what is allowed and
    what to do next. Entry points print it without a traceback and exit with status 1. Nothing that
    it names, such as a file, can move the cursor of a terminal.
    """

    def __init__(self, text: str) -> None:
        """Keep the text."""
        super().__init__(printable(text))


class Interrupted(Exception):  # noqa: N818, not an error
    """The user asked to stop, or DVC ended; its text says what is kept and how to go on.

    Entry points print it without a traceback and exit with status 130.
    """
