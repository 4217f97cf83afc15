"""The report in a real browser: whole, readable and usable at any width, light, dark and printed.

Accessibility is checked with axe-core, kept in `axe.min.js` (its version and license stand there).
"""

import re
from pathlib import Path

import pytest
from given.browser import CHROMIUM, Browser
from given.study_files import write_study

from resnet_depth.base.files import read_json, write_json
from resnet_depth.base.sections import load_section
from resnet_depth.report.page import Destinations, write_report
from resnet_depth.report.settings import ReportSettings

ROOT = Path(__file__).parents[2]
AXE = (ROOT / "tests" / "given" / "axe.min.js").read_text(encoding="utf-8")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on PATH"),
]

PROBE = """(() => {
  const box = (element) => element.getBoundingClientRect();
  const outside = (element) => !element.closest(".plate, .scroll, .skip, .unseen") &&
    box(element).width > 0 && (box(element).right > innerWidth + 0.5 || box(element).left < -0.5);
  return {
    scrollWidth: document.documentElement.scrollWidth,
    cut: [...document.querySelectorAll("body *")].filter(outside)
      .map((element) => element.outerHTML.slice(0, 80)),
    figures: [...document.querySelectorAll("figure svg")].map((svg) => ({
      name: svg.getAttribute("aria-label"),
      width: box(svg).width,
      height: box(svg).height,
      marks: [...svg.querySelectorAll("path, use, image, text")]
        .filter((mark) => box(mark).width + box(mark).height > 0).length,
      smallest: Math.min(...[...svg.querySelectorAll("text")].map((text) =>
        parseFloat(getComputedStyle(text).fontSize) *
        Math.hypot(text.getScreenCTM().a, text.getScreenCTM().b))),
    })),
    small: [...document.querySelectorAll("main *")].filter((element) => !element.closest("svg") &&
      element.textContent.trim() && parseFloat(getComputedStyle(element).fontSize) < 12)
      .map((element) => element.outerHTML.slice(0, 80)),
    ink: getComputedStyle(document.body).color,
    ground: getComputedStyle(document.body).backgroundColor,
  };
})()"""


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """The page of a study of CIFAR-10, which has all parts that a page can have."""
    folder = tmp_path_factory.mktemp("study")
    study = write_study(folder, depths=(18, 34, 50), seeds=(0, 1, 2), pruned=(18,))
    write_json(study.card, {**read_json(study.card), "key": "cifar10"})
    names = ("metrics", "tables", "figures", "report.html", "results.txt")
    out = Destinations(*(folder / "report" / name for name in names))
    report = load_section(ROOT / "params.yaml", "report", ReportSettings)
    write_report(study.study_evidence(), report.model_copy(update={"png_dpi": 50}), out)
    return out.page


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    with Browser(tmp_path_factory.mktemp("profile")) as one:
        yield one


@pytest.mark.parametrize("width", [390, 768, 1440])
def test_the_page_is_whole_at(browser, page, width):
    grounds = set()
    for dark in (False, True):
        browser.show(width, dark=dark)
        browser.open(page)
        told = browser.evaluate(PROBE)

        assert browser.console() == []
        assert browser.requests() == []
        assert told["scrollWidth"] <= width
        assert told["cut"] == []
        assert told["small"] == []
        assert len(told["figures"]) == 14
        for figure in told["figures"]:
            assert figure["width"] >= 300, figure
            assert figure["height"] >= 150, figure
            assert figure["marks"] >= 10, figure
            assert figure["smallest"] >= 7.5, figure
        grounds.add((told["ink"], told["ground"]))
    assert len(grounds) == 2


def test_labels_of_figures_are_9_pixels_high_or_more_on_a_common_screen(browser, page):
    browser.show(1280)
    browser.open(page)

    figures = browser.evaluate(PROBE)["figures"]
    assert len(figures) == 14
    assert [figure for figure in figures if figure["smallest"] < 9] == []


COLOURS = """(() => {
  const colour = (element, of) => getComputedStyle(element)[of];
  const svg = document.querySelector("figure svg");
  const texts = [...svg.querySelectorAll("text")];
  const title = texts.find((text) => text.textContent.trim() === "Test accuracy by depth");
  return {
    card: colour(document.querySelector(".card"), "backgroundColor"),
    ground: colour(svg.querySelector("path"), "fill"),
    page: colour(document.body, "color"),
    title: colour(title, "fill"),
    texts: [...new Set(texts.map((text) => colour(text, "fill")))],
    swatch: colour(document.querySelector(".swatch"), "backgroundColor"),
  };
})()"""


@pytest.mark.parametrize("dark", [False, True])
def test_figures_follow_the_pages_colours(browser, page, dark):
    browser.show(1280, dark=dark)
    browser.open(page)
    found = browser.evaluate(COLOURS)

    assert found["ground"] == found["card"]
    assert found["title"] == found["page"]
    assert found["swatch"] in found["texts"]
    for colour in found["texts"]:
        assert contrast(colour, found["ground"]) >= 3, colour


def contrast(first, second):
    """WCAG's contrast of two colours such as `rgb(1, 2, 3)`, at least 1."""
    lights = []
    for colour in (first, second):
        channels = [int(part) / 255 for part in re.findall(r"\d+", colour)[:3]]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
        lights.append(sum(map(float.__mul__, (0.2126, 0.7152, 0.0722), linear)) + 0.05)
    return max(lights) / min(lights)


@pytest.mark.parametrize(("width", "dark"), [(390, False), (1440, True)])
def test_axe_finds_nothing_serious(browser, page, width, dark):
    browser.show(width, dark=dark)
    browser.open(page)
    # What is folded is checked too.
    browser.evaluate("document.querySelectorAll('details').forEach((fold) => { fold.open = true })")
    browser.evaluate(f"{AXE}; 0")
    violations = browser.evaluate("axe.run().then((found) => found.violations)")

    told = {one["id"]: [node["html"] for node in one["nodes"]] for one in violations}
    assert told == {}


def test_the_keyboard_sorts_the_results_by_their_full_values(browser, page):
    browser.show(1440)
    browser.open(page)
    names = "[...document.querySelectorAll('#results ~ .scroll tbody th')].map((e) => e.innerText)"
    assert browser.evaluate(names) == ["ResNet-18", "ResNet-34", "ResNet-50"]

    browser.evaluate("document.querySelector('#results ~ .scroll thead button').focus()")
    browser.press("Enter")
    assert browser.evaluate(names) == ["ResNet-50", "ResNet-34", "ResNet-18"]
    for _ in range(6):
        browser.press("Tab")
    browser.press(" ")
    assert browser.evaluate("document.activeElement.innerText").startswith("Training time")
    assert browser.evaluate(names) == ["ResNet-18", "ResNet-34", "ResNet-50"]
    sorts = (
        "[...document.querySelectorAll('#results ~ .scroll th[aria-sort]')].map((e) => e.ariaSort)"
    )
    assert browser.evaluate(sorts) == ["ascending"]
    said = browser.evaluate("document.querySelector('[role=status]').textContent")
    assert said == "Sorted by Training time, ascending"


def test_the_page_prints_whole_on_a_few_sheets(browser, page):
    browser.show(1440)
    browser.open(page)
    browser.evaluate(
        "addEventListener('beforeprint', () => { window.folded = "
        "document.querySelectorAll('details:not([open])').length })"
    )

    printed = browser.pdf()

    assert printed.startswith(b"%PDF")
    assert 3 <= len(re.findall(rb"/Type\s*/Page\b", printed)) <= 16
    assert browser.evaluate("window.folded") == 0
    assert browser.evaluate("document.querySelectorAll('details[open]').length") == 0


def test_an_error_in_a_page_would_be_seen(browser, page, tmp_path):
    broken = tmp_path / "broken.html"
    text = page.read_text(encoding="utf-8")
    wide = '<div style="width: 2000px">wide</div><img src="https://example.org/a.png">'
    script = "<script>document.title = 'foreign'</script>"
    broken.write_text(text.replace("</main>", f"{wide}{script}</main>"), encoding="utf-8")

    browser.show(390)
    browser.open(broken)
    told = browser.evaluate(PROBE)

    # The page's policy lets neither the image nor the script of somebody else in.
    assert len(browser.console()) >= 2
    assert browser.evaluate("document.title") != "foreign"
    assert told["scrollWidth"] > 390
    assert any("wide" in element for element in told["cut"])
    browser.evaluate(f"{AXE}; 0")
    assert "image-alt" in browser.evaluate("axe.run().then((f) => f.violations.map((v) => v.id))")
