"""The report in a real browser: nothing cut, no empty figure, no error, nothing asked of a network.

A copy of the page gets a script that measures it and tells the page around it, whose content
Chromium prints. The page around holds it in a frame, since Chromium's own window can't be narrow.
"""

import html
import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from study_files import write_study

from resnet_depth.report import Destinations, write_report
from resnet_depth.settings.reader import load_section
from resnet_depth.settings.report import ReportSettings
from resnet_depth.settings.train import TrainSettings

ROOT = Path(__file__).parents[1]
CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "chrome"))),
    None,
)
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on PATH"),
]

# Makes an error of every request.
POLICY = (
    "<meta http-equiv='Content-Security-Policy' content=\"default-src 'none'; "
    "style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:\">"
)
PROBE = """<script>
addEventListener("load", () => {
  const box = (element) => element.getBoundingClientRect();
  const outside = (element) => !element.closest(".plate, .scroll") &&
    box(element).width > 0 && (box(element).right > innerWidth + 0.5 || box(element).left < -0.5);
  parent.postMessage({
    width: innerWidth,
    scrollWidth: document.documentElement.scrollWidth,
    height: document.documentElement.scrollHeight,
    cut: [...document.querySelectorAll("main *, header *, footer *")].filter(outside)
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
    ink: getComputedStyle(document.body).color,
    ground: getComputedStyle(document.body).backgroundColor,
    resources: performance.getEntriesByType("resource").map((entry) => entry.name),
  }, "*");
});
</script>"""
AROUND = """<!DOCTYPE html><meta charset="utf-8"><link rel="icon" href="data:,">
<style>body {{ margin: 0 }} iframe {{ border: 0; width: {width}px; height: 3000px }}</style>
<iframe src="{page}"></iframe><pre id="probe"></pre><script>
addEventListener("message", (told) => {{
  document.getElementById("probe").textContent = JSON.stringify(told.data);
}});
</script>"""


def browse(folder, page, width, *, dark=False):
    """Return what the page tells of itself at a width, and the lines of the console."""
    text = page.read_text(encoding="utf-8")
    probed = text.replace("<head>", f"<head>{POLICY}", 1).replace("</body>", f"{PROBE}</body>", 1)
    (folder / "probed.html").write_text(probed, encoding="utf-8")
    around = folder / "around.html"
    around.write_text(AROUND.format(width=width, page="probed.html"), encoding="utf-8")
    command = [
        *(CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run"),
        *("--enable-logging=stderr", "--v=0", "--virtual-time-budget=3000"),
        f"--blink-settings=preferredColorScheme={0 if dark else 1}",
        *(f"--user-data-dir={folder / 'profile'}", f"--window-size={max(width, 500)},3000"),
        *("--dump-dom", around.as_uri()),
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    told = re.search(r'<pre id="probe">(.+?)</pre>', done.stdout, re.DOTALL)
    assert told, done.stderr
    console = [line for line in done.stderr.splitlines() if "CONSOLE" in line]
    return json.loads(html.unescape(told[1])), console


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    folder = tmp_path_factory.mktemp("study")
    evidence = write_study(folder, depths=(18, 34, 50), seeds=(0, 1, 2)).evidence()
    recipe = load_section(ROOT / "params.yaml", "train", TrainSettings)
    report = load_section(ROOT / "params.yaml", "report", ReportSettings)
    names = ("costs.json", "findings.json", "figures", "report.html", "results.txt")
    out = Destinations(*(folder / "report" / name for name in names))
    write_report(evidence, recipe, report.model_copy(update={"png_dpi": 50}), out)
    return out.page


@pytest.mark.parametrize("width", [1280, 390])
def test_the_page_is_whole_at(page, tmp_path, width):
    told, console = browse(tmp_path, page, width)

    assert console == []
    assert told["resources"] == []
    assert told["width"] == width
    assert told["scrollWidth"] <= width
    assert told["cut"] == []
    assert len(told["figures"]) == 7
    for figure in told["figures"]:
        assert figure["width"] >= 300, figure
        assert figure["height"] >= 150, figure
        assert figure["marks"] >= 10, figure
        assert figure["smallest"] >= 7.5, figure


def test_the_page_follows_the_readers_choice_of_light_or_dark(page, tmp_path):
    light, _ = browse(tmp_path, page, 1280)
    dark, console = browse(tmp_path, page, 1280, dark=True)

    assert console == []
    assert (light["ink"], dark["ink"]) == ("rgb(31, 36, 48)", "rgb(232, 234, 238)")
    assert light["ground"] != dark["ground"]


def test_an_error_in_a_page_would_be_seen(page, tmp_path):
    broken = tmp_path / "broken.html"
    text = page.read_text(encoding="utf-8")
    wide = '<div style="width: 2000px">wide</div><img src="https://example.org/a.png" alt="">'
    broken.write_text(text.replace("</main>", f"{wide}</main>"), encoding="utf-8")

    told, console = browse(tmp_path, broken, 390)

    assert any("Content Security Policy" in line for line in console)
    assert told["scrollWidth"] > 390
    assert any("wide" in element for element in told["cut"])
