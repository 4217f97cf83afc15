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


def dvc_stage() -> str | None:
    """Return the name of the stage for which DVC started this process; None if it didn't."""
    return os.environ.get("DVC_STAGE")


def _digests() -> dict[Path, bytes]:
    """Return the digest of each module of the package, and of the program that was started."""
    script = Path(sys.argv[0])
    files = [*_PACKAGE.rglob("*.py"), *([script] if script.is_file() else [])]
    return {path: hashlib.sha256(path.read_bytes()).digest() for path in files}


# Taken as this is imported, before what takes seconds to import.
_code = _digests() if dvc_stage() else {}
_settings: dict[Path, tuple[bytes, Callable[[], list[str]]]] = {}


def watch_settings(path: Path, changed_sections: Callable[[], list[str]]) -> None:
    """Remember a settings file, which is about to be read.

    Args:
        path: The file.
        changed_sections: Names those that were read and are others now; called if bytes differ.
    """
    if dvc_stage() and path.is_file() and path not in _settings:
        _settings[path] = path.read_bytes(), changed_sections


def require_unchanged() -> None:
    """See that settings and code are what this process began with, if DVC started it.

    Only modules that were imported count: no other had a part in the outcome.

    Raises:
        UserError: If not.
    """
    stage = dvc_stage()
    if stage is None:
        return
    imported = {getattr(module, "__file__", None) for module in list(sys.modules.values())}
    changed = [
        str(path)
        for path, digest in _code.items()
        if str(path) in imported or path == Path(sys.argv[0])
        if not path.is_file() or hashlib.sha256(path.read_bytes()).digest() != digest
    ]
    for path, (content, changed_sections) in _settings.items():
        if not path.is_file() or path.read_bytes() != content:
            changed += [f"{section or 'the content'} in {path}" for section in changed_sections()]
    if changed:
        raise UserError(
            f"{changed[0]} was changed while {stage} ran, whose results would be "
            "recorded as the new one's; they are left out: repeat 'dvc repro'"
        )
