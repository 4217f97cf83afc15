"""The one exception that stands for a user's mistake."""


class UserError(Exception):
    """A mistake the user can mend.

    Its text is what the user reads: one line saying what was wrong, where, what is allowed and
    what to do next. Entry points print it without a traceback and exit with status 1.
    """
