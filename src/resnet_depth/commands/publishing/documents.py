"""The documents that tell results: rendered from docs/templates/, compared with what is there."""

import difflib
import os
import re
from pathlib import Path

from resnet_depth.base.errors import UserError
from resnet_depth.base.files import write_text
from resnet_depth.commands.publishing.lint import unsourced_numbers
from resnet_depth.commands.publishing.publish import RESULTS
from resnet_depth.commands.publishing.rendering import environment, render

TEMPLATES = Path("docs") / "templates"
# Each document's template. Of README.md, it is one block; the rest is written by hand.
DOCUMENTS = {
    "README.md": "README.md.jinja",
    "docs/findings.md": "findings.md.jinja",
    "docs/results/README.md": "results.md.jinja",
}
README = "README.md"
_BLOCK = re.compile(r"<!-- results[^>]*-->\n.*?(?=<!-- end of results -->)", re.DOTALL)


def write_documents(root: Path) -> list[str]:
    """Render all documents; return the names of those that changed.

    Args:
        root: Folder of the repository.

    Raises:
        UserError: If a template asks for what isn't there, or README.md has no block of results.
    """
    changed = {
        name: text for name, text in _rendered(root).items() if text != _committed(root, name)
    }
    for name, text in changed.items():
        write_text(root / name, text)
    return list(changed)


def check_documents(root: Path) -> list[str]:
    """Return a line for each number without a source in the templates, then what differs.

    Args:
        root: Folder of the repository.

    Raises:
        UserError: As `write_documents`.
    """
    numbers = [
        line
        for path in sorted((root / TEMPLATES).glob("*.jinja"))
        for line in unsourced_numbers(
            path.relative_to(root).as_posix(), path.read_text(encoding="utf-8")
        )
    ]
    differences = [
        line.rstrip("\n")
        for name, text in _rendered(root).items()
        for line in difflib.unified_diff(
            _committed(root, name).splitlines(keepends=True),
            text.splitlines(keepends=True),
            name,
            f"{name}, rendered",
        )
    ]
    return [*numbers, *differences]


def _rendered(root: Path) -> dict[str, str]:
    """Return how each document should read, by name."""
    made = environment(root / TEMPLATES, root / RESULTS)
    documents = {}
    for name, template in DOCUMENTS.items():
        # Links lead from where the document lies.
        results = Path(os.path.relpath(root / RESULTS, (root / name).parent)).as_posix()
        text = render(made, template, results=results)
        source = f"from {(TEMPLATES / template).as_posix()}, by `make docs`"
        if name == README:
            documents[name] = _with_block(root, f"<!-- results, {source} -->\n{text}")
        else:
            documents[name] = f"<!-- Rendered {source} -->\n{text}"
    return documents


def _with_block(root: Path, block: str) -> str:
    """Return README.md with its block of results replaced."""
    text = _committed(root, README)
    if len(_BLOCK.findall(text)) != 1:
        raise UserError(
            f"{root / README}: needs one block from <!-- results --> to <!-- end of results -->"
        )
    return _BLOCK.sub(lambda _: block, text)


def _committed(root: Path, name: str) -> str:
    """Return what a document says now; nothing where there is none."""
    path = root / name
    return path.read_text(encoding="utf-8") if path.is_file() else ""
