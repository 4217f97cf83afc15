"""The comparison as a whole: what is in it, what has to be known, and the command."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from given.two_studies import write_two_studies

from resnet_depth.base.errors import UserError
from resnet_depth.base.files import read_json, write_json
from resnet_depth.commands.comparing.compare import compare
from resnet_depth.commands.comparing.sides import Side, open_sides
from resnet_depth.commands.publishing.study import open_study

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    return write_two_studies(tmp_path_factory.mktemp("compare") / "repository")


@pytest.fixture(scope="module")
def sides(root, tmp_path_factory):
    return open_sides(root, ("before", "workspace"), "", tmp_path_factory.mktemp("sides"))


def test_two_studies_are_told_by_settings_code_tables_and_figures(root, sides):
    found = compare(root, *sides)

    assert found.title == "before and workspace: Constructed digits"
    assert [change.key for change in found.settings] == ["recipes.reference.lr"]
    assert found.lone == found.machine == found.notes == []
    assert [file.path for file in found.code] == ["src/resnet_depth/training.py"]
    assert [table.title for table in found.tables] == [
        "Test accuracy, reference",
        "Validation accuracy after the last epoch, reference",
        "Costs, reference",
    ]
    assert found.tables[0].rows[0][:5] == ("ResNet-18", "3", "81.0 ± 2.5%", "91.0 ± 2.5%", "+10.0")
    assert found.figures == ["accuracy_by_depth", "learning_curves", "training_time"]


def published(name):
    return Side(name, open_study(ROOT / "docs" / "results", name), {}, None, known=False)


def test_one_recipe_each_is_compared_whatever_their_names(root):
    found = compare(root, published("cifar10_jpeg_4_seeds"), published("cifar10_jpeg_fast"))

    assert found.tables[0].title == "Test accuracy, reference in A and fast in B"
    assert found.code is None
    (letter, keys), *others = found.only
    assert (letter, others) == ("B", [])
    assert "export.threads 2" in keys


def test_studies_without_a_common_network_are_one_clear_line(root):
    with pytest.raises(UserError) as refused:
        compare(root, published("cifar10_jpeg_64_pixels"), published("cifar10_jpeg_deeper"))

    assert str(refused.value) == (
        "no network is in both: cifar10_jpeg_64_pixels has ResNet-18 by reference; "
        "cifar10_jpeg_deeper has ResNet-101 and ResNet-152 by reference"
    )


def test_on_another_class_of_machine_a_few_points_are_no_regression(root, sides, tmp_path):
    first, second = sides
    other = tmp_path / "other"
    other.mkdir()
    for path in second.study.folder.iterdir():
        (other / path.name).symlink_to(path)
    costs = read_json(other / "costs.json")
    costs["machine_classes"][0]["processor"] = "Another"
    (other / "costs.json").unlink()
    write_json(other / "costs.json", costs)

    found = compare(root, first, replace(second, study=replace(second.study, folder=other)))

    (note,) = found.notes
    assert "a difference of 1 to 3 points is no regression" in note
    assert found.machine[0].endswith("in A, Another in B")


def test_what_is_missing_or_out_of_date_is_told_beforehand(root, sides):
    first, second = sides
    gone = replace(first, missing=("figures", "report.html", "results.txt", "predictions.csv"))
    stale = replace(second, stale=("params.yaml: prepare.seed is 1; prepare ran with 0",))

    missing, older = compare(root, gone, stale).notes

    assert missing.startswith("before: figures, report.html, results.txt and 1 more are neither")
    assert "compared are the committed tables" in missing
    assert older == (
        "workspace: its results are older than its settings or code: params.yaml: prepare.seed is "
        "1; prepare ran with 0."
    )


@pytest.mark.parametrize("markdown", [False, True])
def test_the_command_prints_it_and_writes_a_page(root, markdown):
    page = root / "plots" / "digits" / "comparison.html"
    page.unlink(missing_ok=True)
    module = [sys.executable, "-m", "resnet_depth.commands.comparing", "--root", str(root)]
    asked = ["--a", "first", "--b", "second", *(["--markdown"] if markdown else [])]

    done = subprocess.run(
        [*module, *asked],
        env={"PYTHONPATH": str(ROOT / "src"), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=True,
    )

    assert ("| ResNet-18 | 3 | 81.0 ± 2.5" in done.stdout) is markdown
    assert ("Page: plots/digits/comparison.html\n" in done.stdout) is not markdown
    assert "recipes.<wbr>reference.<wbr>lr" in page.read_text(encoding="utf-8")
