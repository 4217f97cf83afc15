"""`make docs` writes the documents from templates; `make docs-check` shows where they differ."""

import re
import shutil
from pathlib import Path

import pytest
from given.published_study import publish_finished, write_published_study

from resnet_depth.base.errors import UserError
from resnet_depth.base.files import read_json, write_json
from resnet_depth.commands.publishing.documents import (
    DOCUMENTS,
    TEMPLATES,
    check_documents,
    write_documents,
)

ROOT = Path(__file__).parents[3]
ACCURACY = {(18, 0): 0.7342, (18, 1): 0.7342, (18, 2): 0.7342}
README = "# 3 things\n\n<!-- results -->\n<!-- end of results -->\n\nMore.\n"
FINDINGS = "Found {{ study('trial').estimate(18).mean | percent }}.\n"
TABLE = '{% from "macros.md.jinja" import table %}\n{{ table(study("trial")) }}\n'


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    folder = tmp_path_factory.mktemp("documents")
    study = write_published_study(folder, accuracy=ACCURACY, shared=[(34, 1)], lossy=True)
    return publish_finished(study)


@pytest.fixture
def root(published, tmp_path):
    """Return a repository with a published study, templates and their documents."""
    shutil.copytree(published, tmp_path / "docs" / "results" / "trial")
    templates = tmp_path / TEMPLATES
    templates.mkdir()
    shutil.copy(ROOT / TEMPLATES / "macros.md.jinja", templates)
    for page in ("deployment", "pruning", "transfer"):
        (templates / f"{page}.md.jinja").write_text(f"# What {page} is\n")
    (templates / "accuracy_by_recipe.svg.jinja").write_text("<svg></svg>\n")
    (templates / "findings.md.jinja").write_text(FINDINGS)
    (templates / "results.md.jinja").write_text(TABLE)
    (templates / "README.md.jinja").write_text("![Figure]({{ results }}/trial/figures/x.png)\n")
    (tmp_path / "README.md").write_text(README)
    write_documents(tmp_path)
    return tmp_path


def test_the_committed_documents_are_as_their_templates_give_them():
    assert check_documents(ROOT) == []


def test_documents_say_first_which_template_they_are_from(root):
    for name, template in DOCUMENTS.items():
        text = (root / name).read_text(encoding="utf-8")
        comment = text.splitlines()[0 if name != "README.md" else 2]
        assert re.fullmatch(rf"<!-- .*{TEMPLATES.as_posix()}/{template}.* -->", comment)


def test_of_readme_one_block_is_written_and_the_rest_left(root):
    text = (root / "README.md").read_text()

    assert text.startswith("# 3 things\n\n<!-- results, from docs/templates/README.md.jinja")
    assert "\n![Figure](docs/results/trial/figures/x.png)\n<!-- end of results -->\n" in text
    assert text.endswith("-->\n\nMore.\n")


def test_documents_that_are_as_rendered_are_not_written(root):
    assert write_documents(root) == []
    assert check_documents(root) == []


def test_a_changed_number_is_shown_as_a_difference_and_written_anew(root):
    findings = root / "docs" / "findings.md"
    findings.write_text(findings.read_text().replace("73.4%", "93.4%"))

    lines = check_documents(root)

    assert lines[:2] == ["--- docs/findings.md", "+++ docs/findings.md, rendered"]
    assert lines[-2:] == ["-Found 93.4%.", "+Found 73.4%."]
    assert write_documents(root) == ["docs/findings.md"]
    assert check_documents(root) == []


def test_a_document_that_is_missing_is_a_difference(root):
    (root / "docs" / "findings.md").unlink()

    assert "+Found 73.4%." in check_documents(root)


def test_a_number_without_a_source_is_named_with_file_and_line(root):
    (root / TEMPLATES / "findings.md.jinja").write_text(f"{FINDINGS}\nWe saw 42 of them.\n")
    write_documents(root)

    (line,) = check_documents(root)

    assert line.startswith("docs/templates/findings.md.jinja:3: 42 has no source")


@pytest.mark.parametrize("text", ["# Title\n", README.replace("<!-- end of results -->", "")])
def test_a_readme_without_its_block_is_refused_in_one_line(root, text):
    (root / "README.md").write_text(text)

    with pytest.raises(UserError, match=r"README\.md: needs one block from <!-- results -->"):
        check_documents(root)


def test_a_study_that_is_not_published_is_one_line(root):
    (root / TEMPLATES / "findings.md.jinja").write_text("\n{{ study('other').title }}\n")

    with pytest.raises(UserError) as caught:
        check_documents(root)

    (line,) = str(caught.value).splitlines()
    assert "findings.md.jinja:2: " in line
    assert "results/other: no published study; published: trial" in line


def test_the_table_names_dataset_machine_n_and_timings_that_do_not_count(root):
    page = " ".join((root / "docs" / "results" / "README.md").read_text().split())

    assert "**Constructed digits (lossy)**: n = 3 seeds per depth, 6 epochs" in page
    assert "Made on Example CPU @ 2.50GHz" in page
    assert "torch 2.14.1+cpu" in page
    assert "| ResNet-18 | 3 | 73.4 ± 0.0% | 11.2 M | 5.59 M |" in page
    assert "| ResNet-50 | 3 |" in page
    assert "Left out, since others used the machine: training times of 1 of 3 of ResNet-34." in page
    assert "it may be faster" not in page


def test_a_time_that_stands_for_want_of_others_has_its_mark_explained(root):
    path = root / "docs" / "results" / "trial" / "costs.json"
    content = read_json(path)
    content["costs"][0]["train_seconds"] = None
    write_json(path, content)
    write_documents(root)

    page = (root / "docs" / "results" / "README.md").read_text()

    assert r"\* Timed while others used the machine: it may be faster." in page


def test_the_readme_tells_that_its_images_are_a_copy_and_the_way_to_official_numbers():
    text = " ".join((ROOT / "README.md").read_text(encoding="utf-8").split())
    block = text.split("<!-- results")[1].split("<!-- end of results -->")[0]

    assert "(lossy)" in block
    assert "went through JPEG once; `make study` makes those of the official images" in text


def test_the_findings_tell_all_four_verdicts():
    page = (ROOT / "docs" / "findings.md").read_text(encoding="utf-8")
    verdicts = re.findall(r"\*\*(supported|contradicted|undecided)\*\*", " ".join(page.split()))

    assert len(verdicts) >= 4
