"""The report's page: what it says, that it stands alone, and the stages that write it."""

import base64
import hashlib
import html
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest
from given.study_files import write_study
from ruamel.yaml import YAML

from resnet_depth.base.files import file_digest, read_json, write_json
from resnet_depth.base.sections import load_section
from resnet_depth.evidence.costs import costs_of
from resnet_depth.findings.answer import answer
from resnet_depth.findings.find import find
from resnet_depth.findings.pruning import find_pruning
from resnet_depth.findings.pruning_sentences import pruning_sentences
from resnet_depth.report.page import Destinations, unbroken, write_report
from resnet_depth.report.pruning_table import pruning_rows, timing_note
from resnet_depth.report.results_table import results_table
from resnet_depth.report.settings import ReportSettings

ROOT = Path(__file__).parents[2]


def settings_of_the_page():
    """The section `report`, with pictures that are quick to draw."""
    report = load_section(ROOT / "params.yaml", "report", ReportSettings)
    return report.model_copy(update={"png_dpi": 50})


def written(tmp_path, **settings):
    """Write a study and its report; return the evidence and where the report lies."""
    evidence = write_study(tmp_path, **settings).study_evidence()
    out = Destinations(
        tmp_path / "metrics/digits",
        tmp_path / "plots/digits",
        tmp_path / "plots/digits/figures",
        tmp_path / "plots/digits/report.html",
        tmp_path / "plots/digits/results.txt",
    )
    write_report(evidence, settings_of_the_page(), out)
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


def test_what_a_busy_machine_leaves_open_is_not_shown_and_says_what_to_do(page, tmp_path):
    settings = {"depths": (18, 34), "seeds": (0, 1)}
    _, out = written(tmp_path, shared=[(18, 0), (18, 1)], **settings)
    text = out.page.read_text(encoding="utf-8")

    assert '<span class="verdict undecided">not shown</span>' in text
    assert (
        "need more training time is not shown: others used the machine; repeat when idle." in text
    )
    assert "<b>Not shown</b>: others used the machine" in text
    assert "fewer than two" not in text
    assert "ot shown" not in page[2]


def test_means_of_one_seed_stand_alone_on_the_page_and_in_the_table(tmp_path):
    _, out = written(tmp_path, depths=(18, 34), seeds=(0,))

    for path in (out.page, out.results_table):
        text = path.read_text(encoding="utf-8")
        assert "± –" not in text
        assert "(–)" not in text


def test_of_few_test_images_it_is_told_what_one_is_worth(page):
    evidence, _, text = page
    count = evidence.first.card.counts["test"]

    assert f"one of these {count} is {100 / count:.1f} points" in text


# Words that no student would say; each stood on the page once.
STILTED = (
    *("got wrong", "got right", "neither more nor less", "is not so that", "tells no spread"),
    *("seeds a depth", "images a second", "taken anew", "asks nothing of", "endlessly many"),
    *("needn't", "not told from chance", "the farther"),
)


def test_the_page_is_in_plain_words(page, two_recipes):
    for text in (page[2], two_recipes[1]):
        for words in STILTED:
            assert words not in html.unescape(text), words


def test_the_page_begins_with_the_answer_and_every_verdict(page):
    evidence, _, text = page
    costs = costs_of(evidence.first)
    findings = find(evidence.first, costs, settings_of_the_page().claims)
    said = answer(evidence.first, costs, findings)
    top = text[text.index('id="answer"') : text.index('id="results"')]

    for sentence in (said.bought, said.cost, said.certainty):
        assert unbroken(sentence) in top
    for finding in findings:
        badge = f'<span class="verdict {finding.verdict}">{finding.shown}</span>'
        assert f"{finding.claim.hypothesis}</a> {badge}" in top
        assert unbroken(finding.sentence) in text[text.index('id="claims"') :]


def test_the_page_holds_the_table_and_every_figure_with_its_alternative(page):
    evidence, _, text = page
    elements = Elements(text).found
    images = [attributes for tag, attributes in elements if tag == "svg"]

    assert len(images) == 13
    assert all(image["role"] == "img" and image["aria-label"] for image in images)
    table = results_table(evidence, costs_of(evidence.first))
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


def test_the_page_shows_where_its_numbers_come_from(page):
    evidence, _, text = page

    for fact in (
        *("Nobody: A constructed dataset (2026)", "sha256:" + "ab" * 32, "Example CPU @ 2.50GHz"),
        *("1,293 train, 144 validation, 360 test", "learning rate 0.001", "torch 2.14.1+cpu"),
        *("0123456789abcdef0123456789abcdef01234567", "2026-01-31T12:00:00+00:00", "stem imagenet"),
    ):
        assert fact in text
    # Card, test images, recipe, nine tables, nine records of training, nine of durations, three of
    # exports and three of latency.
    assert len(evidence.inputs) == 36
    for path, digest in evidence.inputs.items():
        assert digest == file_digest(Path(path))
        assert digest in text


def test_the_page_tells_of_equal_images_and_warns_where_test_images_were_trained_on(tmp_path):
    study = write_study(tmp_path, depths=(18,), seeds=(0,))
    card = read_json(study.card)
    card["duplicates"]["across"]["train_test"] = 7
    texts = []
    for duplicates in (card["duplicates"], read_json(study.card)["duplicates"]):
        write_json(study.card, card | {"duplicates": duplicates})
        out = Destinations(*(tmp_path / name for name in ("c", "f", "figures", "page", "table")))
        write_report(study.study_evidence(), settings_of_the_page(), out)
        texts.append(out.page.read_text(encoding="utf-8"))

    assert "<dt>Equal images</dt><dd>7 of test are in train too</dd>" in texts[0]
    assert "7 test images of 360 have the same pixels as a training image" in texts[0]
    assert "<dt>Equal images</dt><dd>none: no two have the same pixels</dd>" in texts[1]
    assert "have the same pixels as a training image" not in texts[1]


def write_hostile(folder):
    """Write the page of a study whose source is a script; return page and table."""
    study = write_study(folder, depths=(18,), seeds=(0, 1))
    write_json(study.card, {**read_json(study.card), "source": "<script>alert(1)</script>"})
    out = Destinations(*(folder / name for name in ("c", "f", "figures", "page", "table")))
    write_report(study.study_evidence(), settings_of_the_page(), out)
    return out.page.read_bytes(), out.results_table.read_bytes()


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hostile")
    return folder, write_hostile(folder)


def test_text_from_outside_is_escaped(hostile):
    text = hostile[1][0].decode("utf-8")

    assert "&lt;script&gt;" in text
    assert "<script>alert" not in text
    assert text.count("<script") == 1


def test_the_same_evidence_gives_the_same_report(hostile):
    folder, first = hostile

    assert write_hostile(folder) == first


def test_names_and_numbers_with_units_keep_to_one_line():
    assert unbroken("<ResNet-18>: 1.5 min") == (
        '&lt;<span class="whole">ResNet-18</span>&gt;: <span class="whole">1.5 min</span>'
    )


def test_both_stages_run_from_their_command_lines(tmp_path):
    study = write_study(tmp_path, depths=(18,), seeds=(0, 1))
    params = YAML(typ="safe", pure=True).load((ROOT / "params.yaml").read_text(encoding="utf-8"))
    params["study"].update(depths=[18], seeds=[0, 1])
    params["report"]["png_dpi"] = 50
    params["recipes"]["reference"]["epochs"] = 6
    with (tmp_path / "params.yaml").open("w", encoding="utf-8") as file:
        YAML().dump(params, file)
    options = {"params": tmp_path / "params.yaml", "card": study.card, "models": study.models}
    options["tables"] = study.tables

    results = {"evaluations": study.evaluations, "pruned": study.pruned}
    call("summarize", **options, **results)
    call(
        "report",
        **options,
        durations=study.durations,
        exports=study.exports,
        latency=study.latency,
        recipes=study.recipe_files,
        images=study.sources.images,
        metrics=study.metrics,
        figures=study.tables / "figures",
        page=study.tables / "report.html",
        results_table=study.tables / "results.txt",
        checkpoints=tmp_path / "none",
        lock=tmp_path / "dvc.lock",
    )

    assert {path.name for path in study.tables.iterdir()} == {
        *("curves.csv", "accuracy.csv", "accuracy_over_seeds.csv", "confusion.csv"),
        *("image_covariance.csv", "mcnemar.csv", "per_class.csv", "reliability.csv"),
        *("examples.csv", "pruning.csv", "training_time.csv", "latency.csv"),
        *("costs.json", "findings.json"),
        *("figures", "report.html", "results.txt"),
        *("summarize_inputs.json", "report_inputs.json"),
    }
    assert {path.name for path in study.metrics.iterdir()} == {"reference-18.json"}


def call(stage, **options):
    """Run a stage in a process of its own."""
    pairs = [(f"--{name.replace('_', '-')}", str(value)) for name, value in options.items()]
    command = [sys.executable, f"stages/{stage}.py", *(text for pair in pairs for text in pair)]
    environment = {"PYTHONPATH": "src", "PATH": "/usr/bin:/bin"}
    subprocess.run(command, cwd=ROOT, env=environment, check=True)


@pytest.fixture(scope="module")
def two_recipes(tmp_path_factory):
    recipes = {"recipes": ("reference", "fast"), "depths": (18, 34), "seeds": (0, 1)}
    _, out = written(tmp_path_factory.mktemp("recipes"), **recipes)
    return out, out.page.read_text(encoding="utf-8")


def test_with_two_recipes_each_has_its_answer_and_its_claims(two_recipes):
    _, text = two_recipes
    top = text[text.index('id="answer"') : text.index('id="results"')]

    for recipe in ("reference", "fast"):
        assert f"<h3>Depth, with the recipe {recipe}</h3>" in top
        for claim in (1, 2, 3, 4):
            assert f'href="#{recipe}-claim-{claim}"' in top
    assert "<h3>What the recipe fast buys over the reference</h3>" in top
    assert unbroken("With fast, ResNet-18 was ") in top
    assert " reaches the reference&#39;s final validation accuracy, " in top


def test_with_two_recipes_ids_are_unique_and_every_reference_has_its_target(two_recipes):
    _, text = two_recipes
    ids = [attributes["id"] for _, attributes in Elements(text).found if "id" in attributes]
    references = set(re.findall(r'href="#([^"]+)"|url\(#([^)]+)\)', text))

    assert len(ids) == len(set(ids))
    assert {one or other for one, other in references} <= set(ids)


def test_with_two_recipes_each_has_its_figures_and_both_stand_together(two_recipes):
    out, _ = two_recipes
    names = {path.stem for path in out.figures.glob("*.svg")}

    assert {"accuracy_by_recipe", "accuracy_over_time"} <= names
    assert {"reference-learning_curves", "fast-learning_curves"} <= names
    together = (out.figures / "accuracy_by_recipe.svg").read_text(encoding="utf-8")
    assert ">reference<" in together
    assert ">fast<" in together


def test_with_one_recipe_none_is_named(page):
    _, out, text = page

    assert "the recipe" not in text
    assert not list(out.figures.glob("*recipe*"))


@pytest.fixture(scope="module")
def pruned(tmp_path_factory):
    settings = {"depths": (18, 34), "seeds": (0, 1), "pruned": (18, 34)}
    evidence, out = written(tmp_path_factory.mktemp("pruned"), **settings)
    return evidence, out, out.page.read_text(encoding="utf-8")


def test_what_was_pruned_has_its_section_with_every_sentence_the_figure_and_the_table(pruned):
    evidence, out, text = pruned
    section = text[text.index('<h2 id="pruning">') : text.index('<h2 id="provenance">')]
    found = find_pruning(evidence.first, settings_of_the_page().pruning_loss)

    for one in found:
        assert f"<h3>ResNet-{one.depth}</h3>" in section
        for sentence in pruning_sentences(one):
            assert unbroken(sentence) in section
    for row in pruning_rows(evidence.first, found):
        assert (
            "".join(
                f'<td data-value="{value}">{cell}</td>'
                for cell, value in zip(row.cells[1:], row.values[1:], strict=True)
            )
            in section
        )
    assert unbroken(timing_note(evidence.first)) in section
    assert section.count("<svg") == 1
    assert '<a href="#pruning">' in text
    assert (out.figures / "pruning.svg").is_file()


def test_findings_on_pruning_are_in_json_by_recipe_and_depth(pruned):
    _, out, _ = pruned
    found = read_json(out.tables / "findings.json")["pruning"]

    assert [(one["recipe"], one["depth"]) for one in found] == [
        ("reference", 18),
        ("reference", 34),
    ]
    assert found[0]["margin"] == 0.005
    full, exact = found[0]["levels"][:2]
    assert (full["kind"], exact["kind"]) == ("full", "exact")
    assert full["timings"] is None
    assert set(exact["timings"]) == {
        *("single_images", "single_seconds", "batched_images", "images_per_second", "shared")
    }


def test_a_page_with_pruning_has_ids_once_and_every_reference_has_its_target(pruned):
    _, _, text = pruned
    ids = [attributes["id"] for _, attributes in Elements(text).found if "id" in attributes]
    references = set(re.findall(r'href="#([^"]+)"|url\(#([^)]+)\)', text))

    assert len(ids) == len(set(ids))
    assert {one or other for one, other in references} <= set(ids)


def test_where_nothing_was_pruned_the_page_has_no_word_of_it(page):
    _, out, text = page

    assert "prun" not in text.replace("pruning.csv", "")
    assert not list(out.figures.glob("pruning*"))
