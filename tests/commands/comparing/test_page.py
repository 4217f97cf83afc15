"""The page of a comparison, whole and readable in a browser at any width, light and dark."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from given.browser import CHROMIUM, Browser
from given.two_studies import write_two_studies

from resnet_depth.commands.comparing.compare import compare
from resnet_depth.commands.comparing.page import write_page
from resnet_depth.commands.comparing.sides import Side, open_sides
from resnet_depth.commands.publishing.study import open_study

ROOT = Path(__file__).parents[3]
AXE = (ROOT / "tests" / "given" / "axe.min.js").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    """The page of two published studies, which have real figures."""
    names = ("cifar10_jpeg_4_seeds", "cifar10_jpeg_fast")
    results = ROOT / "docs" / "results"
    sides = (Side(name, open_study(results, name), {}, None, known=False) for name in names)
    path = tmp_path_factory.mktemp("page") / "comparison.html"
    write_page(path, compare(ROOT, *sides))
    return path


@pytest.fixture(scope="module")
def constructed(tmp_path_factory):
    """The page of two constructed studies, of which one has an odd name and lacks files."""
    folder = tmp_path_factory.mktemp("constructed")
    root = write_two_studies(folder / "repository")
    first, second = open_sides(root, ("before", "workspace"), "", folder)
    first = replace(first, name="<b>/a_long_name_" + 9 * "and_more_", missing=("figures",))
    write_page(folder / "page.html", compare(root, first, second))
    return folder / "page.html"


def test_the_page_needs_nothing_else_and_its_names_differ(published):
    text = published.read_text(encoding="utf-8")
    ids = re.findall(r'\bid="([^"]+)"', text)

    assert len(ids) == len(set(ids)) > 100
    assert not re.search(r'(?:src|href)="(?!#|data:)', text)
    for name in ("accuracy_by_depth", "pareto"):
        for letter, study in (("A", "cifar10_jpeg_4_seeds"), ("B", "cifar10_jpeg_fast")):
            title = name.replace("_", " ").capitalize()
            assert f'aria-label="{title}, {letter}: {study}"' in text


def test_names_of_revisions_are_text_on_the_page(constructed):
    text = constructed.read_text(encoding="utf-8")

    assert "<b>" not in text
    assert "&lt;b&gt;" in text


@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on PATH")
def test_in_a_browser_it_is_whole_at_any_width_and_axe_finds_nothing_serious(
    published, constructed, tmp_path
):
    with Browser(tmp_path) as browser:
        for width, page in ((390, constructed), (390, published), (1280, published)):
            browser.show(width)
            browser.open(page)
            assert browser.console() == browser.requests() == []
            assert browser.evaluate("document.documentElement.scrollWidth") <= width
        grounds = set()
        for dark in (False, True):
            browser.show(768, dark=dark)
            browser.open(constructed)
            grounds.add(browser.evaluate("getComputedStyle(document.body).backgroundColor"))
            browser.evaluate(AXE)
            violations = browser.evaluate("axe.run().then((found) => found.violations)")
            serious = [v["id"] for v in violations if v["impact"] in ("serious", "critical")]
            assert serious == []
        assert len(grounds) == 2
