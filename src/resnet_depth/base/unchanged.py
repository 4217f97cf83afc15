"""What a stage began with, settings and code, and that it is still there when it ends.

DVC hashes what a stage depends on once its command has ended. Of a file that was edited meanwhile
it would record the new content for the results of the old, and keep them as up to date
(https://github.com/treeverse/dvc/issues/11058). So no stage hands over what another code or other
settings than today's have made. What runs outside DVC isn't recorded, and may be edited under.
"""

import hashlib
import os
import sys
from collections.abc import Callable
from pathlib import Path

from resnet_depth.base.errors import UserError

_PACKAGE = Path(__file__).parents[1]
_BY_DVC = "DVC_STAGE" in os.environ


def _digests() -> dict[Path, bytes]:
    """Return the digest of each module of the package, and of the program that was started."""
    script = Path(sys.argv[0])
    files = [*_PACKAGE.rglob("*.py"), *([script] if script.is_file() else [])]
    return {path: hashlib.sha256(path.read_bytes()).digest() for path in files}


# Taken as this is imported, before what takes seconds to import.
_code = _digests() if _BY_DVC else {}
_settings: dict[tuple[Path, str], Callable[[], bool]] = {}


def watch_settings(path: Path, section: str, is_unchanged: Callable[[], bool]) -> None:
    """Remember that a section of a settings file was read, and how to tell that it is the same."""
    if _BY_DVC:
        _settings.setdefault((path, section), is_unchanged)


def require_unchanged() -> None:
    """See that settings and code are what this process began with, if DVC started it.

    Only modules that were imported count: no other had a part in the outcome.

    Raises:
        UserError: If not.
    """
    if not _BY_DVC:
        return
    imported = {getattr(module, "__file__", None) for module in list(sys.modules.values())}
    changed = [
        str(path)
        for path, digest in _code.items()
        if str(path) in imported or path == Path(sys.argv[0])
        if not path.is_file() or hashlib.sha256(path.read_bytes()).digest() != digest
    ]
    changed += [
        f"{section or 'the content'} in {path}"
        for (path, section), is_unchanged in _settings.items()
        if not is_unchanged()
    ]
    if changed:
        raise UserError(
            f"{changed[0]} was changed while {os.environ['DVC_STAGE']} ran, whose results would be "
            "recorded as the new one's; they are left out: repeat 'dvc repro'"
        )
