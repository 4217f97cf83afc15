"""The documents that quote results, each compared with what was published."""

import os
from functools import partial
from pathlib import Path, PurePosixPath

from resnet_depth.base.files import write_text
from resnet_depth.commands.publishing.publish import RESULTS
from resnet_depth.commands.publishing.quotations import Checked, check_quotations
from resnet_depth.commands.publishing.results_block import check_blocks
from resnet_depth.commands.publishing.study import open_publication

# Whether every number must have a source; otherwise blocks of results alone are compared.
DOCUMENTS = {"README.md": False, "docs/findings.md": True, "docs/results/README.md": True}


def check_documents(root: Path) -> list[str]:
    """Return a line for each mistake in the documents that are there.

    Args:
        root: Folder of the repository.

    Raises:
        UserError: If a document names a study that isn't published.
    """
    return [line for name in _present(root) for line in _check(root, name).mistakes]


def fix_documents(root: Path) -> list[str]:
    """Write what the results say in place of what differs; return the documents it changed.

    Args:
        root: Folder of the repository.

    Raises:
        UserError: If a document names a study that isn't published.
    """
    changed = []
    for name in _present(root):
        fixed = _check(root, name).text
        if fixed != (root / name).read_text(encoding="utf-8"):
            write_text(root / name, fixed)
            changed.append(name)
    return changed


def _present(root: Path) -> list[str]:
    """Return the names of the documents that are there."""
    return [name for name in DOCUMENTS if (root / name).is_file()]


def _check(root: Path, name: str) -> Checked:
    """Check one document."""
    path = root / name
    publication = partial(open_publication, root / RESULTS)
    results = PurePosixPath(os.path.relpath(root / RESULTS, path.parent))
    blocks = check_blocks(name, path.read_text(encoding="utf-8"), results, publication)
    if not DOCUMENTS[name]:
        return blocks
    prose = check_quotations(name, blocks.text, publication)
    return Checked(prose.text, (*blocks.mistakes, *prose.mistakes))
