"""The report's page and table: what they say, that they stand alone, and the stages that write."""

import base64
import hashlib
import html
import re
import subprocess
import sys
from html.parser import HTMLParser
from importlib.util import find_spec
from pathlib import Path

import pytest
from given.study_files import write_study
from ruamel.yaml import YAML

from resnet_depth.base.errors import UserError
from resnet_depth.base.files import file_digest, read_json, write_json
from resnet_depth.base.sections import load_section
from resnet_depth.evidence.costs import costs_of
from resnet_depth.evidence.evidence import read_evidence
from resnet_depth.evidence.wording import (
    count,
    decimal,
    duration,
    listed,
    percent,
    signed,
    significant,
)
from resnet_depth.findings.answer import answer
from resnet_depth.findings.find import find
from resnet_depth.report.inline_svg import inline_svg
from resnet_depth.report.literature import reports_on
from resnet_depth.report.page import Destinations, unbroken, write_report
from resnet_depth.report.rerunning import citation, commands, comparison
from resnet_depth.report.results_table import as_text, measured_on, results_table
from resnet_depth.report.settings import ReportSettings
from resnet_depth.training.settings import TrainSettings

ROOT = Path(__file__).parents[2]


def settings_of_the_page():
    """The sections `train` and `report`, with pictures that are quick to draw."""
    report = load_section(ROOT / "params.yaml", "report", ReportSettings)
    recipe = load_section(ROOT / "params.yaml", "train", TrainSettings)
    return recipe, report.model_copy(update={"png_dpi": 50})


def written(tmp_path, **settings):
    """Write a study and its report; return the evidence and where the report lies."""
    evidence = write_study(tmp_path, **settings).evidence()
    out = Destinations(
        tmp_path / "metrics/digits/costs.json",
        tmp_path / "metrics/digits/findings.json",
        tmp_path / "plots/digits/figures",
        tmp_path / "plots/digits/report.html",
        tmp_path / "plots/digits/results.txt",
    )
    write_report(evidence, *settings_of_the_page(), out)
    return evidence, out


class Elements(HTMLParser):
    """Collects every element's name and attributes."""

    def __init__(self, text):
        super().__init__()
        self.found = []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.found.append((tag, dict(attributes)))

    handle_startendtag = handle_starttag


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    evidence, out = written(tmp_path_factory.mktemp("study"))
    return evidence, out, out.page.read_text(encoding="utf-8")


def test_the_page_begins_with_the_answer_and_every_verdict(page):
    evidence, _, text = page
    costs = costs_of(evidence)
    findings = find(evidence, costs, settings_of_the_page()[1].claims)
    said = answer(evidence, costs, findings)
    top = text[text.index('id="answer"') : text.index('id="results"')]

    for sentence in (said.bought, said.cost, said.certainty):
        assert unbroken(sentence) in top
    for finding in findings:
        badge = f'<span class="verdict {finding.verdict}">{finding.verdict}</span>'
        assert f"{finding.claim.hypothesis}</a> {badge}" in top
        assert unbroken(finding.sentence) in text[text.index('id="claims"') :]


def test_the_page_holds_the_table_and_every_figure_with_its_alternative(page):
    evidence, _, text = page
    elements = Elements(text).found
    images = [attributes for tag, attributes in elements if tag == "svg"]

    assert len(images) == 13
    assert all(image["role"] == "img" and image["aria-label"] for image in images)
    table = results_table(evidence, costs_of(evidence))
    for row, values in zip(table.rows, table.values, strict=True):
        for cell, value in zip(row[1:], values[1:], strict=True):
            assert f'<td data-value="{value}">{cell}</td>' in text


def test_ids_are_unique_and_every_reference_has_its_target(page):
    _, _, text = page
    ids = [attributes["id"] for _, attributes in Elements(text).found if "id" in attributes]
    references = set(re.findall(r'href="#([^"]+)"|url\(#([^)]+)\)', text))
    labels = [a["aria-labelledby"] for _, a in Elements(text).found if "aria-labelledby" in a]

    assert len(ids) == len(set(ids))
    assert {one or other for one, other in references} | set(labels) <= set(ids)


def test_the_page_asks_nothing_of_a_network(page):
    _, _, text = page

    # Links may lead elsewhere; nothing else may.
    without_links = re.sub(r'<a href="https://[^"]+" rel="noreferrer">', "", text)
    assert not re.search(r'(?:src|href)="(?!#|data:)', without_links)
    assert not re.search(
        r"url\((?!#)|@import|<script |<link(?! rel=\"icon\" href=\"data:,\")", text
    )


def test_the_pages_policy_lets_its_own_script_run_and_nothing_else(page):
    _, _, text = page
    (script,) = re.findall(r"<script>(.*?)</script>", text, re.DOTALL)
    source = ROOT / "src" / "resnet_depth" / "report" / "page.js"
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    (allowed,) = re.findall(r'Content-Security-Policy" content="([^"]+)"', text)

    assert script == "\n" + source.read_text(encoding="utf-8")
    assert html.unescape(allowed).startswith("default-src 'none';")
    assert html.unescape(allowed).endswith(f"script-src 'sha256-{digest}'")


def test_the_page_is_small_enough_to_send(page):
    assert page[1].page.stat().st_size < 5e6


def test_the_page_tells_how_to_cite_and_to_run_again(page):
    _, _, text = page

    assert "Pipeline resnet-depth at commit 0123456789ab, run 2026-01-31." in text
    assert "git checkout 0123456789abcdef0123456789abcdef01234567\nmake run</code>" in text
    assert "<code>make reproduce</code>" in text


def test_uncommitted_changes_and_places_of_images_are_told(tmp_path):
    study = write_study(tmp_path, depths=(18,), seeds=(0,))
    write_json(study.card, {**read_json(study.card), "key": "mine", "kind": "image_folder"})
    path = study.latency / "resnet18.json"
    record = read_json(path)
    record["environment"]["commit"] += "+changes"
    write_json(path, record)
    evidence = study.evidence()

    assert "at commit 0123456789ab with uncommitted changes, run" in citation(evidence, "What?")
    assert commands(evidence).splitlines()[-2:] == [
        "git checkout 0123456789abcdef0123456789abcdef01234567",
        "MINE_SOURCE=<folder or tar of the images> make study DATASET=mine",
    ]
    assert comparison(evidence).endswith("--dataset mine")
    (module,) = re.findall(r"-m (\S+) reproduce ", comparison(evidence))
    assert find_spec(f"{module}.__main__")


@pytest.mark.parametrize(
    ("key", "title", "context"),
    [
        ("cifar10", "CIFAR-10", True),
        ("cifar10_jpeg", "CIFAR-10 (JPEG copy)", True),
        ("mine", "My copy of CIFAR-10", True),
        ("cifar100", "CIFAR-100", False),
        ("digits", "Digits (scikit-learn)", False),
    ],
)
def test_what_others_report_stands_beside_cifar10_alone(tmp_path, key, title, context):
    study = write_study(tmp_path, depths=(18,), seeds=(0,))
    write_json(study.card, {**read_json(study.card), "key": key, "title": title})

    assert bool(reports_on(study.evidence().card)) == context


def test_the_page_shows_where_its_numbers_come_from(page):
    evidence, _, text = page

    for fact in (
        *("Nobody: A constructed dataset (2026)", "sha256:" + "ab" * 32, "Example CPU @ 2.50GHz"),
        *("1,293 train, 144 validation, 360 test", "learning rate 0.001", "torch 2.14.1+cpu"),
        *("0123456789abcdef0123456789abcdef01234567", "2026-01-31T12:00:00+00:00", "stem imagenet"),
    ):
        assert fact in text
    # card, test images, eight tables, nine records of training, nine of durations, three of latency
    assert len(evidence.inputs) == 31
    for path, digest in evidence.inputs.items():
        assert digest == file_digest(Path(path))
        assert digest in text


def test_text_from_outside_is_escaped(tmp_path):
    study = write_study(tmp_path, depths=(18,), seeds=(0,))
    write_json(study.card, {**read_json(study.card), "source": "<script>alert(1)</script>"})
    evidence = study.evidence()
    out = Destinations(*(tmp_path / name for name in ("c", "f", "figures", "page", "table")))

    write_report(evidence, *settings_of_the_page(), out)

    text = out.page.read_text(encoding="utf-8")
    assert "&lt;script&gt;" in text
    assert "<script>alert" not in text
    assert text.count("<script") == 1


def test_the_same_evidence_gives_the_same_report(tmp_path):
    pages = []
    for _ in range(2):
        _, out = written(tmp_path, depths=(18,), seeds=(0, 1))
        pages.append((out.page.read_bytes(), out.results_table.read_bytes()))

    assert pages[0] == pages[1]


def plain_table(tmp_path, **settings):
    evidence = write_study(tmp_path, **settings).evidence()
    costs = costs_of(evidence)
    return as_text(results_table(evidence, costs), measured_on(costs))


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"seeds": (0,)},
        {"depths": (18, 34, 50, 101, 152)},
        {"train_seconds": {(18, s): 86_400.0 * 9 for s in (0, 1, 2)}},
        {"shared": [(d, s) for d in (18, 34, 50) for s in (0, 1, 2)]},
    ],
)
def test_the_plain_table_fits_100_columns(tmp_path, settings):
    lines = plain_table(tmp_path, **settings).splitlines()

    assert max(map(len, lines)) <= 100
    assert any(line.startswith("ResNet-18") for line in lines)


def test_the_plain_table_says_of_what_its_numbers_are(tmp_path):
    text = " ".join(plain_table(tmp_path, lossy=True).split())

    assert text.startswith("Constructed digits (lossy):")
    assert "360 test images; mean over seeds ± half of its 95% interval" in text
    assert (
        "Example CPU @ 2.50GHz (family 6, model 143, step 8), 2 CPU threads of 2, float32" in text
    )
    assert "torch 2.14.1+cpu" in text


def test_the_table_matches_a_case_worked_by_hand(tmp_path):
    # Accuracies 0.89 0.90 0.91: 90 ± 2.48 (see test_statistics). Times 10, 11, 12 s: 11 ± 2.48.
    evidence = write_study(
        tmp_path,
        depths=(18,),
        accuracy={(18, s): 0.89 + 0.01 * s for s in range(3)},
        train_seconds={(18, s): 10.0 + s for s in range(3)},
    ).evidence()

    (row,) = results_table(evidence, costs_of(evidence)).rows

    assert row[:4] == ("ResNet-18", "3", "90.0 ± 2.5%", "11.2 M")
    assert row[4:7] == ("5.59 M", "37.1 M", "11.0 ± 2.5 s")


def test_one_seed_has_a_dash_for_an_interval_and_says_so(tmp_path):
    evidence = write_study(tmp_path, seeds=(0,)).evidence()
    table = results_table(evidence, costs_of(evidence))

    assert all("± –" in row[2] and "± –" in row[6] for row in table.rows)
    assert "One seed a depth: no interval (–)" in as_text(table, [])


def test_shared_timings_are_marked_and_counted(tmp_path):
    shared = [(18, 0), (34, 0), (34, 1), (34, 2)]
    evidence = write_study(tmp_path, shared=shared).evidence()
    table = results_table(evidence, costs_of(evidence))

    assert [row[6].endswith("*") for row in table.rows] == [False, True, False]
    assert "1 of 3 of ResNet-18 and 3 of 3 of ResNet-34" in table.notes[0]


def test_clocks_read_under_different_conditions_are_told_apart(tmp_path):
    study = write_study(tmp_path)
    path = study.latency / "resnet18.json"
    write_json(path, {**read_json(path), "device": "cuda", "device_title": "Example GPU"})

    sentences = measured_on(costs_of(study.evidence()))

    assert len(sentences) == 2
    assert sentences[1].startswith("Inference timed on Example GPU (host: Example CPU")


def test_missing_durations_are_named(tmp_path):
    study = write_study(tmp_path)
    study.summarize()
    (study.durations / "resnet34-seed1.json").unlink()

    with pytest.raises(UserError, match=r"seed1\.json: missing; 'dvc repro train@digits-34-1'"):
        read_evidence(study.sources, study.depths, study.seeds, 0.95)


def test_tables_of_other_runs_are_refused(tmp_path):
    study = write_study(tmp_path, seeds=(0, 1))
    study.summarize()

    with pytest.raises(UserError, match=r"resnet18-seed1, resnet34-seed1.*summarize@digits"):
        read_evidence(study.sources, study.depths, (0,), 0.95)


def test_names_and_numbers_with_units_keep_to_one_line():
    assert unbroken("<ResNet-18>: 1.5 min") == (
        '&lt;<span class="whole">ResNet-18</span>&gt;: <span class="whole">1.5 min</span>'
    )


def test_inlined_svgs_keep_their_ids_apart():
    svg = (
        '<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg" width="9pt" height="9pt" '
        'viewBox="0 0 9 9"><defs><path id="m1"/></defs><use xlink:href="#m1"/>'
        '<g clip-path="url(#m1)"/></svg>'
    )

    inlined = inline_svg(svg, "one", 'a "quoted" alternative')

    assert inlined == (
        '<svg viewBox="0 0 9 9" role="img" aria-label="a &quot;quoted&quot; alternative"><defs>'
        '<path id="one-m1"/></defs><use href="#one-m1"/><g clip-path="url(#one-m1)"/></svg>'
    )
    with pytest.raises(ValueError, match="no SVG"):
        inline_svg("<p>", "one", "alt")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (percent(0.9123), "91.2%"),
        (decimal(-0.01), "0.0"),
        (signed(-1.25, 2), "−1.25"),
        (signed(0.0), "0.0"),
        (signed(0.3), "+0.3"),
        (count(11_181_642), "11.2 M"),
        (count(999_950), "1.00 M"),
        (count(12), "12"),
        (significant(9.996), "10.0"),
        (significant(99.96), "100"),
        (significant(12345.6), "12,346"),
        (duration(0.00378), "3.78 ms"),
        (duration(33.84), "33.8 s"),
        (duration(200), "3.33 min"),
        (duration(9000), "2.50 h"),
        (listed(["a"]), "a"),
        (listed(["a", "b", "c"]), "a, b and c"),
    ],
)
def test_numbers_are_worded_for_people(text, expected):
    assert text == expected


def test_both_stages_run_from_their_command_lines(tmp_path):
    study = write_study(tmp_path)
    params = YAML(typ="safe", pure=True).load((ROOT / "params.yaml").read_text(encoding="utf-8"))
    params["report"]["png_dpi"] = 50
    with (tmp_path / "params.yaml").open("w", encoding="utf-8") as file:
        YAML().dump(params, file)
    options = {"params": tmp_path / "params.yaml", "card": study.card, "models": study.models}
    options["tables"] = study.tables
    metrics = study.summary.parent

    call("summarize", **options, evaluations=study.evaluations, summary=study.summary)
    call(
        "report",
        **options,
        durations=study.durations,
        latency=study.latency,
        images=study.sources.images,
        costs=metrics / "costs.json",
        findings=metrics / "findings.json",
        figures=study.tables / "figures",
        page=study.tables / "report.html",
        results_table=study.tables / "results.txt",
        checkpoints=tmp_path / "none",
        lock=tmp_path / "dvc.lock",
    )

    assert {path.name for path in study.tables.iterdir()} == {
        *("curves.csv", "accuracy.csv", "accuracy_over_seeds.csv", "confusion.csv"),
        *("image_covariance.csv", "mcnemar.csv", "per_class.csv", "reliability.csv"),
        "examples.csv",
        *("figures", "report.html", "results.txt"),
    }
    assert {path.name for path in metrics.iterdir()} == {
        *("summary.json", "costs.json", "findings.json")
    }


def call(stage, **options):
    """Run a stage in a process of its own."""
    pairs = [(f"--{name.replace('_', '-')}", str(value)) for name, value in options.items()]
    command = [sys.executable, f"stages/{stage}.py", *(text for pair in pairs for text in pair)]
    environment = {"PYTHONPATH": "src", "PATH": "/usr/bin:/bin"}
    subprocess.run(command, cwd=ROOT, env=environment, check=True)
