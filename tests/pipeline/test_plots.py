"""The page of `dvc plots show` and `diff`: drawn by the scripts it holds, in a real browser."""

import hashlib
import re

import pytest
from given.browser import CHROMIUM, Browser
from given.study_files import write_study
from given.tiny_study import ROOT, Study, copy_repository

from resnet_depth.evidence.costs import costs_of
from resnet_depth.report.dvc_files import write_plots

FOLDER = ROOT / ".dvc" / "page"
SCRIPT = re.compile(r'<script data-name="([a-z-]+)">(.*?)</script>', re.DOTALL)
RECIPES = ("reference", "fast")
# What each page tells apart beside depths: its legend's title, and what is told apart.
VARIANTS = {
    "show": (None, [""]),
    "diff": ("Revision", ["workspace", "HEAD"]),
    "two recipes": ("Recipe", [*RECIPES]),
    "two recipes, diff": (
        "Recipe, revision",
        ["reference, workspace", "fast, workspace", "reference, HEAD"],
    ),
}
DEPTH_COLOURS = {"#0072b2", "#d55e00", "#009e73"}

# Plots are drawn after the page was loaded.
PROBE = """new Promise((resolve) => {
  const box = (element) => element.getBoundingClientRect();
  const tell = (plot) => {
    const marks = [...plot.querySelectorAll("g.role-mark path")];
    const texts = [...plot.querySelectorAll("svg text")];
    return {
      title: plot.querySelector("h2").innerText,
      right: box(plot.querySelector("svg")).right,
      height: box(plot.querySelector("svg")).height,
      marks: marks.filter((mark) => box(mark).width + box(mark).height > 0).length,
      colours: marks.flatMap((mark) => [mark.getAttribute("fill"), mark.getAttribute("stroke")]),
      dashes: new Set(marks.map((mark) => mark.getAttribute("stroke-dasharray"))).size,
      texts: texts.map((text) => text.textContent),
      smallest: Math.min(...texts.map((text) => parseFloat(getComputedStyle(text).fontSize))),
    };
  };
  const look = () => {
    const plots = [...document.querySelectorAll(".plot")];
    if (!plots.every((plot) => plot.querySelector("svg"))) return setTimeout(look, 50);
    resolve({
      scrollWidth: document.documentElement.scrollWidth,
      missing: document.getElementById("missing").innerText,
      plots: plots.map(tell),
    });
  };
  look();
})"""


@pytest.fixture(scope="module")
def page():
    return (FOLDER / "page.html").read_bytes().decode("utf-8")


def test_the_page_holds_the_scripts_that_its_readme_names(page):
    said = (FOLDER / "README.md").read_text(encoding="utf-8")
    recorded = re.findall(r"^\| ([a-z-]+) \| [\d.]+ \| `([0-9a-f]{64})` \|$", said, re.MULTILINE)

    # The last line, which names a file for debuggers, is left out of the page.
    hashes = {
        name: hashlib.sha256(f"{text}//# sourceMappingURL={name}.min.js.map\n".encode()).hexdigest()
        for name, text in SCRIPT.findall(page)
    }

    assert list(hashes) == ["vega", "vega-lite", "vega-embed"]
    assert hashes == dict(recorded)


def test_the_page_is_its_source_with_the_scripts_written_into_it(page):
    source = (FOLDER / "source.html").read_text(encoding="utf-8")

    assert SCRIPT.sub(r'<script data-name="\1"></script>', page) == source
    assert "src=" not in source
    # In its place DVC would write links to a host.
    assert "{scripts}" not in page


def write_results(study, **results):
    """Write what `summarize` and `report` let `dvc plots` show of a constructed study."""
    files = write_study(study.folder, **results)
    evidence = files.study_evidence()
    costs = [cost for own in evidence.by_recipe.values() for cost in costs_of(own)]
    write_plots(files.tables, evidence, costs)


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """The pages of `dvc plots show`, of one recipe and of two, and of `diff` with other results."""
    study = Study(tmp_path_factory.mktemp("plots") / "a study", None)
    copy_repository(study.folder)
    study.git("init", "--quiet")
    study.edit_params(lambda params: params["study"]["datasets"].append("cifar10"))
    write_results(study)
    study.commit("First results")
    other = {(depth, seed): 0.8 + depth / 1000 for depth in (18, 34, 50) for seed in (0, 1, 2)}
    write_results(study, accuracy=other)
    study.dvc("plots", "show")
    study.dvc("plots", "diff", "HEAD", "--out", "elsewhere")
    write_results(study, recipes=RECIPES)
    study.dvc("plots", "show", "--out", "two")
    study.dvc("plots", "diff", "HEAD", "--out", "both")
    return {
        "show": study.folder / "dvc_plots" / "index.html",
        "diff": study.folder / "elsewhere" / "index.html",
        "two recipes": study.folder / "two" / "index.html",
        "two recipes, diff": study.folder / "both" / "index.html",
    }


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    with Browser(tmp_path_factory.mktemp("profile")) as running:
        yield running


@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on PATH")
@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("name", ["show", "diff", "two recipes", "two recipes, diff"])
def test_every_plot_is_drawn_whole_without_a_network(browser, pages, name, width):
    browser.show(width)
    browser.open(pages[name])
    told = browser.evaluate(PROBE)

    assert browser.console() == []
    assert browser.requests() == []
    assert told["scrollWidth"] <= width
    assert [plot["title"].split(",")[0] for plot in told["plots"]] == ["digits"] * 6
    # A dataset that was never run is named, and leaves no empty plot.
    assert told["missing"].startswith("Without plots, since it was never run here: cifar10")
    for plot in told["plots"]:
        assert plot["marks"] >= 12, plot
        assert plot["height"] >= 250, plot
        assert plot["right"] <= width, plot
        assert plot["smallest"] >= 9, plot
    curves, accuracy, confusion, per_class, *against_costs = told["plots"]
    assert [plot["title"].split(", ")[1] for plot in against_costs] == [
        *("test accuracy against training time", "test accuracy against the latency of one image")
    ]
    for plot in (curves, accuracy, per_class, *against_costs):
        assert set(plot["colours"]) >= DEPTH_COLOURS, plot
    legend, variants = VARIANTS[name]
    panels = [text for text in confusion["texts"] if text.startswith("ResNet-")]
    assert panels == [
        ", ".join([f"ResNet-{depth}", *([variant] if variant else [])])
        for depth in (18, 34, 50)
        for variant in variants
    ]
    # Colour is depth in a comparison too: dashes, marks and panels tell the rest apart.
    assert curves["dashes"] == len(variants)
    for plot in (curves, accuracy, per_class, *against_costs):
        legends = {"Recipe", "Revision", "Recipe, revision"} & set(plot["texts"])
        assert legends == ({legend} if legend else set()), plot
        assert set(plot["texts"]) >= set(variants) - {""}, plot
