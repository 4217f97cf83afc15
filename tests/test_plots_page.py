"""The page of `dvc plots show` and `diff`: drawn from its own scripts alone, in a real browser."""

import hashlib
import re

import pytest
from study_files import write_study
from test_report_page import CHROMIUM, ROOT, browse
from tiny_study import Study, copy_repository

FOLDER = ROOT / ".dvc" / "page"
SCRIPTS = re.compile(r'(?<=<script data-name=")(.+?)">(.*?)(?=</script>)', re.DOTALL)
# As of the report's page, but Vega makes functions of its expressions.
POLICY = (
    "<meta http-equiv='Content-Security-Policy' content=\"default-src 'none'; style-src "
    "'unsafe-inline'; script-src 'unsafe-inline' 'unsafe-eval'; img-src data:\">"
)
# Plots are drawn after the page was loaded.
PROBE = """<script>
const box = (element) => element.getBoundingClientRect();
const tell = () => parent.postMessage({
  width: innerWidth,
  scrollWidth: document.documentElement.scrollWidth,
  missing: document.getElementById("missing").innerText,
  plots: [...document.querySelectorAll(".plot")].map((plot) => {
    const svg = plot.querySelector("svg");
    const marks = [...plot.querySelectorAll("g.role-mark path")];
    return {
      title: plot.querySelector("h2").innerText,
      right: svg && box(svg).right,
      height: svg && box(svg).height,
      marks: marks.filter((mark) => box(mark).width + box(mark).height > 0).length,
      colours: [...new Set(marks.flatMap((mark) =>
        [mark.getAttribute("fill"), mark.getAttribute("stroke")]))],
      dashes: new Set(marks.map((mark) => mark.getAttribute("stroke-dasharray"))).size,
      texts: [...plot.querySelectorAll("svg text")].map((text) => text.textContent),
      smallest: Math.min(...[...plot.querySelectorAll("svg text")].map((text) =>
        parseFloat(getComputedStyle(text).fontSize))),
    };
  }),
  resources: performance.getEntriesByType("resource").map((entry) => entry.name),
}, "*");
addEventListener("load", () => setTimeout(tell, 2000));
</script>"""
DEPTH_COLOURS = {"#0072b2", "#d55e00", "#009e73"}


def test_the_page_holds_the_scripts_that_its_readme_names():
    page = (FOLDER / "page.html").read_bytes().decode("utf-8")
    said = (FOLDER / "README.md").read_text(encoding="utf-8")

    hashes = {name: hashlib.sha256(text.encode()).hexdigest() for name, text in SCRIPTS.findall(page)}
    assert hashes == dict(re.findall(r"^\| ([a-z-]+) \| [\d.]+ \| `([0-9a-f]{64})`", said, re.M))
    assert list(hashes) == ["vega", "vega-lite", "vega-embed"]
    assert all((FOLDER / f"LICENSE.{name}").is_file() for name in hashes)


def test_the_page_is_its_source_with_the_scripts_written_into_it(tmp_path):
    page = (FOLDER / "page.html").read_text(encoding="utf-8")

    assert SCRIPTS.sub(r'\1">', page) == (FOLDER / "source.html").read_text(encoding="utf-8")


def test_no_page_of_dvc_asks_a_network_for_a_script():
    page = (FOLDER / "page.html").read_text(encoding="utf-8")

    assert re.findall(r"<(?:script|link|img)[^>]+(?:src|href)=\W?(?!data:)", SCRIPTS.sub("", page)) == []
    assert "{scripts}" not in page  # DVC would write links to a host in its place.


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """The pages of `dvc plots show` and of `dvc plots diff` to a commit with other results."""
    study = Study(tmp_path_factory.mktemp("plots") / "a study", None)
    copy_repository(study.folder)
    study.git("init", "--quiet")
    write_study(study.folder).summarize()
    study.commit("First results")
    other = {(depth, seed): 0.8 + depth / 1000 for depth in (18, 34, 50) for seed in (0, 1, 2)}
    write_study(study.folder, accuracy=other).summarize()
    study.dvc("plots", "show")
    study.dvc("plots", "diff", "HEAD", "--out", "elsewhere")
    return {
        "show": study.folder / "dvc_plots" / "index.html",
        "diff": study.folder / "elsewhere" / "index.html",
    }


@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on PATH")
@pytest.mark.parametrize(("name", "width"), [("show", 1440), ("show", 390), ("diff", 390)])
def test_every_plot_is_drawn_whole_with_the_network_off(pages, tmp_path, name, width):
    told, console = browse(tmp_path, pages[name], width, policy=POLICY, probe=PROBE)

    assert console == []
    assert told["resources"] == []
    assert told["width"] == width
    assert told["scrollWidth"] <= width
    assert [plot["title"].split(",")[0] for plot in told["plots"]] == ["digits"] * 4
    # A dataset that was never run is named, and leaves no empty plot.
    assert told["missing"].count("plots_cifar10_") == 4
    for plot in told["plots"]:
        assert plot["marks"] >= 12, plot
        assert plot["height"] >= 250, plot
        assert plot["right"] <= width, plot
        assert plot["smallest"] >= 9, plot
    curves, accuracy, confusion, per_class = told["plots"]
    for plot in (curves, accuracy, per_class):
        assert set(plot["colours"]) >= DEPTH_COLOURS, plot
    panels = [text for text in confusion["texts"] if text.startswith("ResNet-")]
    if name == "show":
        assert panels == ["ResNet-18", "ResNet-34", "ResNet-50"]
        assert not any("Revision" in plot["texts"] for plot in told["plots"])
    else:
        assert panels == [
            f"ResNet-{depth}, {revision}"
            for depth in (18, 34, 50)
            for revision in ("workspace", "HEAD")
        ]
        assert curves["dashes"] == 2
        for plot in (curves, accuracy, per_class):
            assert {"Revision", "workspace", "HEAD"} <= set(plot["texts"]), plot
