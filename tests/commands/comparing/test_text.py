"""A comparison on the terminal and in Markdown."""

from dataclasses import replace
from pathlib import Path

import pytest
from given.two_studies import write_two_studies

from resnet_depth.commands.comparing.changes import Change, File
from resnet_depth.commands.comparing.compare import compare
from resnet_depth.commands.comparing.sides import Side, open_sides
from resnet_depth.commands.comparing.text import NO_CODE, as_markdown, as_terminal
from resnet_depth.commands.publishing.study import open_study

RESULTS = Path(__file__).parents[3] / "docs" / "results"


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    root = write_two_studies(tmp_path_factory.mktemp("text") / "repository")
    return compare(
        root, *open_sides(root, ("before", "after"), "", tmp_path_factory.mktemp("sides"))
    )


def test_all_of_it_is_on_the_terminal(found):
    said = as_terminal(found)

    assert said.startswith("before and after: Constructed digits\n\nA  before (commit ")
    assert "\n  recipes.reference.lr  0.001 → 0.0003\n" in said
    assert "\n  src/resnet_depth/training.py  +1 −0\n" in said
    assert "ResNet-18      3  81.0 ± 2.5%  91.0 ± 2.5%  +10.0" in said
    assert "B is more accurate\n" in said
    assert "* others used the machine meanwhile" in said


def test_the_longest_of_it_is_no_wider_than_120_columns(found):
    names = ("cifar10_jpeg_4_seeds", "cifar10_jpeg_fast")
    long = compare(
        RESULTS, *(Side(name, open_study(RESULTS, name), {}, None, known=False) for name in names)
    )
    hosts = "[" + ", ".join(f'"https://example.org/{k:020}"' for k in range(9)) + "]"
    long.settings.append(Change("datasets.cifar10.hosts", hosts, "[]"))

    for each in (found, long):
        assert max(map(len, as_terminal(each).splitlines())) <= 120
    assert "https://example.org/00000000000000000008" in as_terminal(long)


def test_of_many_files_the_rest_are_counted(found):
    many = replace(found, code=[File(f"src/{k:02}.py", "1", "0") for k in range(23)])

    said = as_terminal(many)

    assert "\n  src/19.py  +1 −0\n  and 3 more files\n" in said
    assert "src/20.py" not in said


def test_what_can_not_be_told_or_does_not_differ_is_said(found):
    assert f"  {NO_CODE}\n" in as_terminal(replace(found, code=None))
    nothing = replace(found, code=[], settings=[], lone=[])
    assert as_terminal(nothing).count("\n  none\n") == 2


def test_markdown_has_the_same_as_tables(found):
    said = as_markdown(found)

    assert said.startswith("## before and after: Constructed digits\n\n- **A** is before (commit ")
    assert "| `recipes.reference.lr` | `0.001` | `0.0003` |" in said
    assert "- `src/resnet_depth/training.py` +1 −0" in said
    assert "| ResNet-18 | 3 | 81.0 ± 2.5% | 91.0 ± 2.5% | +10.0 |" in said
    # Else the marks would begin lists and set words in italics.
    assert "\n\\* others used" in said
