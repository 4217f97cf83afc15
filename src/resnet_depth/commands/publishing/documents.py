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
    "docs/accuracy_by_recipe.svg": "accuracy_by_recipe.svg.jinja",
    "docs/deployment.md": "deployment.md.jinja",
    "docs/findings.md": "findings.md.jinja",
    "docs/pruning.md": "pruning.md.jinja",
    "docs/results/README.md": "results.md.jinja",
    "docs/transfer.md": "transfer.md.jinja",
}
README = "README.md"
_BLOCK = re.compile(r"<!-- results[^>]*-->\n.*?(?=<!-- end of results -->)", re.DOTALL)


def write_documents(root: Path) -> list[str]:
    """Render all documents; return the names of those that changed.

    Raises:
        UserError: If a template asks for what isn't there, or README.md has no block of results.
    """
    changed = []
    for name, text in _rendered(root).items():
        if text != _committed(root, name):
            write_text(root / name, text)
            changed.append(name)
    return changed


def check_documents(root: Path) -> list[str]:
    """Return a line for each number without a source in the templates, then what differs.

    Raises:
        UserError: As `write_documents`.
    """
    lines = []
    for path in sorted((root / TEMPLATES).glob("*.jinja")):
        name = path.relative_to(root).as_posix()
        lines += unsourced_numbers(name, path.read_text(encoding="utf-8"))
    for name, text in _rendered(root).items():
        was, now = (each.splitlines(keepends=True) for each in (_committed(root, name), text))
        lines += difflib.unified_diff(was, now, name, f"{name}, rendered")
    return [line.rstrip("\n") for line in lines]


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
            before, *others = _BLOCK.split(_committed(root, README))
            if len(others) != 1:
                raise UserError(
                    f"{root / README}: needs one block from <!-- results --> to <!-- end of "
                    "results -->"
                )
            documents[name] = f"{before}<!-- results, {source} -->\n{text}{others[0]}"
        else:
            documents[name] = f"<!-- Rendered {source} -->\n{text}"
    return documents


def _committed(root: Path, name: str) -> str:
    """Return what a document says now; nothing where there is none."""
    path = root / name
    return path.read_text(encoding="utf-8") if path.is_file() else ""
