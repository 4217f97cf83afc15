"""`make docs-check`: a number in a document is the published one, or has a line of its own."""

from pathlib import PurePosixPath

import pytest
from given.published_study import publish_finished, write_published_study

from resnet_depth.base.errors import UserError
from resnet_depth.commands.publishing.documents import check_documents, fix_documents
from resnet_depth.commands.publishing.quotations import check_quotations
from resnet_depth.commands.publishing.results_block import check_blocks, results_block
from resnet_depth.commands.publishing.study import Publication, SelectorError, open_publication

ACCURACY = {(18, 0): 0.7342, (18, 1): 0.7342, (18, 2): 0.7342}
SECONDS = {(depth, seed): 100.0 * depth + seed for depth in (18, 34, 50) for seed in (0, 1, 2)}


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    folder = tmp_path_factory.mktemp("documents")
    study = write_published_study(folder, accuracy=ACCURACY, train_seconds=SECONDS, lossy=True)
    publish_finished(study)
    return folder


@pytest.fixture(scope="module")
def publication(root):
    return open_publication(root / "docs" / "results", "trial")


def lines(publication, text):
    return list(check_quotations("a.md", text, lambda _: publication).mistakes)


SELECTORS = {
    "summary.resnet18_accuracy": 0.7342,
    "accuracy_over_seeds[depth=18].n": 3,
    "training[depth=18,seed=0].live_parameters": 5_590_821,
    "costs[depth=50].train_seconds.mean / costs[depth=18].train_seconds.mean": 5001 / 1801,
    "costs[depth=50].train_seconds.mean - costs[depth=18].train_seconds.mean": 3200,
    "mean(costs.train_seconds.mean)": 3401,
    "max(costs[depth=18].runs.train_seconds)": 1802,
    "count(training)": 9,
    "params.train.lr": 0.001,
    "provenance.machine_classes[0].packages.torch": "2.14.1+cpu",
    "findings[claim=2].verdict": "supported",
    "findings[claim=2].pairs[first=18,second=34].difference": 1600,
    "curves[depth=18,seed=0,epoch=6].learning_rate": 0.001,
}


@pytest.mark.parametrize(("selector", "value"), SELECTORS.items())
def test_a_selector_names_a_value(publication, selector, value):
    expected = value if isinstance(value, str) else pytest.approx(value)

    assert publication.value(selector) == expected


@pytest.mark.parametrize(
    ("selector", "said"),
    [
        ("summary.resnet19_accuracy", "has no resnet19_accuracy there"),
        ("costs[depth=19].parameters", r"has no \[depth=19\] there"),
        ("nothing.at.all", "has no source nothing"),
        ("costs.parameters", "names 3 values"),
        ("findings[claim=2].pairs[0].obstacle", "is null in the results"),
        ("median(costs.parameters)", "has no function median"),
        ("costs[depth].parameters", "neither a place nor key=value"),
        ("summary.seeds * 2", "isn't one path"),
        ("summary.", "is no path"),
    ],
)
def test_a_selector_that_names_nothing_says_which_part(publication, selector, said):
    with pytest.raises(SelectorError, match=said):
        publication.value(selector)


GOOD = [
    "reached 73.4%<!-- trial summary.resnet18_accuracy percent -->",
    "reached **73 %**<!-- trial summary.resnet18_accuracy percent --> (n = 3<!-- trial"
    " summary.seeds number -->)",
    "73.42<!-- trial summary.resnet18_accuracy percent --> to 73.42%<!-- trial\n"
    "summary.resnet18_accuracy percent -->",
    "30.0 min<!-- trial costs[depth=18].train_seconds.mean minutes -->",
    "2.8×<!-- trial costs[depth=50].train_seconds.mean / costs[depth=18].train_seconds.mean"
    " times -->",
    "11.2 million<!-- trial costs[depth=18].parameters millions -->, or 11,181,642<!-- trial"
    " costs[depth=18].parameters number -->",
    "**supported**<!-- trial findings[claim=2].verdict text -->",
    "rose by 160,000 points<!-- trial findings[claim=2].pairs[0].difference points -->",
    "changed by +160,000<!-- trial findings[claim=2].pairs[0].difference points -->",
    "a rate of 1e-3<!-- trial params.train.lr number -->",
    "p < 0.001<!-- trial findings[claim=2].pairs[first=18,second=34].p_value p -->",
    "ResNet-18, 34 and 50 on CIFAR-10 with 3×3 kernels, seeds 0, 1 and 2, on 2026-11-25",
    "`make -j2`, [a link](results/x1.png), https://example.org/2, float32\n\n```\n42\n```",
    "with 95% intervals",
    "<!-- quoted from: https://example.org --> 93.02% <!-- end of quotation -->",
]


@pytest.mark.parametrize("text", GOOD)
def test_numbers_as_published_names_and_quotations_are_fine(publication, text):
    assert lines(publication, text) == []


BAD = {
    "73.5%<!-- trial summary.resnet18_accuracy percent -->": "73.5 stands for trial "
    "summary.resnet18_accuracy percent; the results say 73.4",
    "We saw 42 of them.": "42 has no source: <!-- study selector format --> (docs/publishing.md)",
    "Epoch 5, 73% of them": "73 has no source: <!-- study selector format --> (docs/publishing.md)",
    "73.4%<!-- trial summary.nothing percent -->": "<!-- trial summary.nothing percent --> has no "
    "nothing there",
    "73.4 min<!-- trial summary.resnet18_accuracy percent -->": "<!-- trial "
    "summary.resnet18_accuracy percent --> must stand right after a number with % or percent",
    "0.0 points<!-- trial costs[depth=18].train_seconds.mean - "
    "costs[depth=34].train_seconds.mean points -->": "0.0 stands for trial "
    "costs[depth=18].train_seconds.mean - costs[depth=34].train_seconds.mean points; the results "
    "say −160,000.0",
    "**undecided**<!-- trial findings[claim=2].verdict text -->": "undecided stands for trial "
    "findings[claim=2].verdict text; the results say supported",
}


@pytest.mark.parametrize(("text", "said"), BAD.items())
def test_a_number_that_is_changed_or_unsourced_is_named_with_its_line(publication, text, said):
    assert lines(publication, f"First.\n\n{text}") == [f"a.md:3: {said}"]


def test_numbers_that_differ_are_written_anew_with_the_decimals_they_had(publication):
    text = (
        "**74.00%**<!-- trial summary.resnet18_accuracy percent -->, "
        "1 h<!-- trial costs[depth=18].train_seconds.mean hours -->, 42"
    )

    fixed = check_quotations("a.md", text, lambda _: publication).text

    assert fixed.startswith("**73.42%**<!--")
    assert ", 1 h<!--" in fixed
    assert fixed.endswith(", 42")


def test_the_block_of_results_names_dataset_machine_n_and_the_way_to_official_numbers(publication):
    block = " ".join(results_block(publication, PurePosixPath("docs/results/trial")).split())

    assert block.startswith("**Constructed digits (lossy)**: n = 3 seeds a depth, 6 epochs")
    assert "| ResNet-18 | 3 | 73.4 ± 0.0% | 30.0 ± 0.0 min | 11.2 M | 5.59 M |" in block
    assert "Made on Example CPU @ 2.50GHz" in block
    assert "torch 2.14.1+cpu" in block
    assert "(docs/results/trial/figures/accuracy_by_depth.png)" in block
    assert "(docs/results/trial/figures/training_time.png)" in block
    assert "2. **Supported.** Deeper networks need more training time" in block
    assert "not of the official images: for those type `make study`" in block


def test_the_table_can_stand_alone(publication):
    text = "<!-- table of: trial -->\n<!-- end of results -->\n"

    fixed = check_blocks("a.md", text, PurePosixPath("results"), lambda _: publication).text

    assert "| ResNet-50 | 3 |" in fixed
    assert "Supported" not in fixed
    assert lines(publication, fixed) == []


def test_a_block_without_an_end_is_named():
    text = "One.\n<!-- results of: trial -->\n42\n"

    (line,) = check_blocks("a.md", text, PurePosixPath("results"), open_publication).mistakes

    assert line == "a.md:2: this block of results lacks <!-- end of results -->"


def test_a_changed_block_is_named_and_written_anew(publication):
    block = results_block(publication, PurePosixPath("docs/results/trial"))
    text = f"Title 1\n<!-- results of: trial -->\n{block}<!-- end of results -->\n"
    changed = text.replace("73.4 ±", "93.4 ±")

    good, bad = (
        check_blocks("a.md", each, PurePosixPath("docs/results"), lambda _: publication)
        for each in (text, changed)
    )

    assert good.mistakes == ()
    (line,) = bad.mistakes
    assert line.startswith("a.md:11: «| ResNet-18 | 3 | 93.4 ± 0.0%")
    assert "the results say «| ResNet-18 | 3 | 73.4 ± 0.0%" in line
    assert bad.text == text


def test_documents_are_checked_and_fixed_where_they_lie(root):
    readme, findings = root / "README.md", root / "docs" / "findings.md"
    readme.write_text("3 things\n<!-- results of: trial -->\n<!-- end of results -->\n")
    findings.write_text("Found 9%<!-- trial summary.resnet18_accuracy percent -->\n")

    assert [line.split(" ")[0] for line in check_documents(root)] == [
        "README.md:3:",
        "docs/findings.md:1:",
    ]
    assert fix_documents(root) == ["README.md", "docs/findings.md"]
    assert check_documents(root) == []
    assert fix_documents(root) == []
    assert "![Test accuracy by depth" in readme.read_text(encoding="utf-8")


def test_an_unpublished_study_is_one_clear_line(root):
    with pytest.raises(UserError, match="no published study; published: trial"):
        open_publication(root / "docs" / "results", "other")


def test_a_publication_reads_a_file_once(publication):
    again = Publication(publication.folder)

    assert again.source("costs") is again.source("costs")
