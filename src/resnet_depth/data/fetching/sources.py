"""Where a user says that a file or folder is: in the environment variable `<KEY>_SOURCE`."""

import os
import re
from pathlib import Path

from resnet_depth.base.errors import UserError
from resnet_depth.base.messages import escaped, quoted, told
from resnet_depth.data.fetching.settings import require_address


def source_variable(key: str) -> str:
    """Return the variable of a dataset or of weights by its key, such as `CIFAR10_SOURCE`."""
    return f"{key.upper()}_SOURCE"


def source_of(key: str) -> str | None:
    """Return what the variable says; None where it is empty or isn't set.

    Raises:
        UserError: If it has control characters, or is an address that can't be.
    """
    source = os.environ.get(source_variable(key), "")
    try:
        # A name of a file that is no text has surrogates, and can be opened.
        text = re.sub("[\ud800-\udfff]", "", source)
        if escaped(text) != text:
            raise ValueError(f"is {quoted(source)}; allowed: a name without control characters")
        if is_address(source):
            require_address(source)
    except ValueError as error:
        raise UserError(f"{source_variable(key)} {error}") from None
    return source or None


def is_address(source: str) -> bool:
    """Return whether a source is to be fetched over HTTP."""
    return source.lower().startswith(("http://", "https://"))


def source_path(key: str, source: str, remedy: str, *, folder: bool = False) -> Path:
    """Return the file that a source names; with `folder`, the file or folder.

    Raises:
        UserError: If there is none; it ends with the remedy, such as «allowed: a tar».
    """
    reason = "no such folder or file" if folder else "no such file"
    try:
        place = Path(source).expanduser()
        if place.exists() if folder else place.is_file():
            return place
    except RuntimeError:
        reason = "no such user"
    except OSError as error:
        reason = str(error.strerror)
    raise UserError(f"{source_variable(key)}={told(source)}: {reason}; {remedy}")
