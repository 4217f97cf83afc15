"""Blocks of results in documents, written from publications.

`<!-- results of: <study> -->` begins what README.md shows: table, figures and verdicts;
`<!-- table of: <study> -->` the table alone; `<!-- comparison of: <study>, <study> -->` studies
beside the first of them. `<!-- end of results -->` ends each. Blocks are never edited by hand:
`make docs-check` compares them, and writes them with `ARGS=--fix`.
"""

from collections.abc import Callable, Sequence
from pathlib import PurePosixPath
from typing import Any

from resnet_depth.base.errors import UserError
from resnet_depth.commands.publishing.published_table import (
    seeds_text,
    study_title,
    table_block,
    wrapped,
)
from resnet_depth.commands.publishing.quotations import BLOCK, BLOCK_BEGIN, Checked
from resnet_depth.commands.publishing.studies import comparison_block
from resnet_depth.commands.publishing.study import Publication
from resnet_depth.data.download.settings import source_variable

# The first two of these that the study has.
FIGURES = {
    "accuracy_by_depth": "Test accuracy by depth",
    "pareto": "Test accuracy against training time",
    "training_time": "Training time by depth",
}
# Characters of a line that are shown where it differs.
SHOWN = 60


def check_blocks(
    name: str, text: str, results: PurePosixPath, publication: Callable[[str], Publication]
) -> Checked:
    """Compare a document's blocks of results with the publications they are of.

    Args:
        name: The document's, for the lines.
        text: Its Markdown.
        results: Path of the publications' folder, seen from the document.
        publication: Returns a published study by its name.

    Returns:
        The text with each block as it should read, and a line for the first difference in each.

    Raises:
        UserError: If a study isn't published, or studies can't be compared.
    """
    mistakes, fixed, copied = [], "", 0
    for block in BLOCK.finditer(text):
        studies = [publication(study) for study in block["studies"].split(", ")]
        expected = _expected(block["kind"], studies, results)
        found = block["body"]
        if found != expected:
            same, was, now = _first_difference(found, expected)
            line = text.count("\n", 0, block.start("body")) + same + 1
            said = f"«{was}» stands in the block of results; the results say «{now}»"
            mistakes.append(f"{name}:{line}: {said}")
        fixed += text[copied : block.start("body")] + expected
        copied = block.end("body")
    if open_block := BLOCK_BEGIN.search(text, copied):
        line = text.count("\n", 0, open_block.start()) + 1
        mistakes.append(f"{name}:{line}: this block of results lacks <!-- end of results -->")
    return Checked(fixed + text[copied:], tuple(mistakes))


def _expected(kind: str, studies: Sequence[Publication], results: PurePosixPath) -> str:
    """Return what a block of a kind should read."""
    if kind == "comparison":
        return comparison_block(studies)
    if len(studies) > 1:
        raise UserError(f"a block «{kind} of:» is of one study, got {len(studies)}")
    (study,) = studies
    return (
        results_block(study, results / study.folder.name)
        if kind == "results"
        else table_block(study)
    )


def _first_difference(found: str, expected: str) -> tuple[int, str, str]:
    """Return how many lines are the same, and what both texts say where they part."""
    lines, wanted = found.splitlines(), expected.splitlines()
    same = _same(lines, wanted)
    was, now = ("".join(text[same : same + 1]) for text in (lines, wanted))
    # From some words before, so that a line of a table can be told.
    start = max(0, _same(was, now) - SHOWN // 2)
    was, now = (text[start : start + SHOWN].strip() or "nothing" for text in (was, now))
    return same, was, now


def _same(first: Sequence[str], second: Sequence[str]) -> int:
    """Return how many items are the same at the beginning of both."""
    pairs = enumerate(zip(first, second, strict=False))
    return next((n for n, (one, other) in pairs if one != other), min(len(first), len(second)))


def results_block(publication: Publication, folder: PurePosixPath) -> str:
    """Return a study's results as Markdown.

    Args:
        publication: The study.
        folder: Its path, seen from the document.
    """
    dataset = publication.source("provenance")["dataset"]
    title, over = study_title(publication), seeds_text(publication)
    paragraphs = [
        table_block(publication).strip(),
        *_figures(publication, folder, f"{title}, {over}"),
        f"The four claims, tested on {title} with n = {over}:",
        "\n".join(
            wrapped(f"{one['claim']}. **{one['verdict'].capitalize()}.** {one['sentence']}", "   ")
            for one in publication.source("findings")
        ),
        wrapped(_elsewhere(dataset, title, folder)),
    ]
    return "\n\n".join(paragraphs) + "\n"


def _figures(publication: Publication, folder: PurePosixPath, of: str) -> list[str]:
    """Return the first two figures that the study has."""
    have = [name for name in FIGURES if (publication.folder / "figures" / f"{name}.png").is_file()]
    return [f"![{FIGURES[name]}: {of}]({folder}/figures/{name}.png)" for name in have[:2]]


def _elsewhere(dataset: dict[str, Any], title: str, folder: PurePosixPath) -> str:
    """Return where the rest stands, and how to get the numbers, or the official ones."""
    key = dataset["key"]
    own = "make run" if key == "digits" else f"make study DATASET={key}"
    if dataset["digest"].startswith("sha256") and key != "digits":
        own = f"{source_variable(key)}=<folder or tar of the images> {own}"
    official = ""
    if dataset["lossy"]:
        official = (
            f"These are numbers of {title}, not of the official images: for those type "
            "`make study`. "
        )
    return (
        f"{official}The same again, with its `params.yaml`: `{own}`; one network and its bytes: "
        f"`make verify STUDY={folder.name}`. All that was published: [{folder.name}]({folder}), "
        f"with the [report]({folder}/report.html) and its [provenance]({folder}/provenance.json)."
    )
