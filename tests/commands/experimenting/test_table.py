"""The table of experiments: readable in 80 columns and in 120, and in Markdown."""

import re

import pytest

from resnet_depth.commands.experimenting.collect import Experiment, Trained
from resnet_depth.commands.experimenting.table import as_markdown, as_text

REACHED = Trained(3, [0.72, 0.73, 0.74], [0.71, 0.72, 0.73], [250.0, 255.0, 260.0], 23_528_522)
LONG = 'study.datasets ["digits"] → ["digits", "cifar10", "cifar10_jpeg", "and", "others"]'
EXPERIMENTS = [
    Experiment("main 1a0719c", "", True, [], {"cifar10_jpeg-cifar_stem-152": REACHED}),
    Experiment(
        "quick-fox", "", False, ["recipes.fast.lr 0.05 → 0.1", LONG], {"digits-fast-18": REACHED}
    ),
    Experiment(
        "slow-fox", "", False, [], {"digits-fast-18": Trained(1, [0.7], [], [], 11_181_642)}
    ),
    Experiment("late-fox", "queued", False, ["recipes.fast.lr 0.05 → 0.2"], {}),
]


@pytest.mark.parametrize("width", [80, 120])
def test_no_line_is_wider_than_the_terminal_and_nothing_is_cut(width):
    text = as_text(EXPERIMENTS, 0.95, width)

    assert max(map(len, text.splitlines())) <= width
    told = " ".join(text.split())
    for one in EXPERIMENTS:
        assert all(part in told for part in (one.name, *one.changes, *one.networks))
    assert "late-fox, queued" in told


def test_a_network_has_its_mean_accuracies_with_spread_its_time_and_its_size():
    (line,) = re.findall(r"^  digits-fast-18 +3 .*", as_text(EXPERIMENTS, 0.95, 80), re.MULTILINE)

    # Student's t of two degrees of freedom: 4.303 · 0.01 / √3.
    assert re.split(r"  +", line.strip()) == [
        *("digits-fast-18", "3", "73.0 ± 2.5%", "72.0 ± 2.5%", "4.25 min", "23.5 M")
    ]


def test_what_was_not_computed_is_a_dash_and_no_number():
    (line,) = re.findall(r"^  digits-fast-18 +1 .*", as_text(EXPERIMENTS, 0.95, 80), re.MULTILINE)

    assert re.split(r"  +", line.strip())[3:] == ["–", "–", "11.2 M"]


def test_without_experiments_it_says_how_to_make_one():
    text = as_text(EXPERIMENTS[:1], 0.95, 80)

    assert "No experiments yet" in text
    assert "dvc exp run --temp -S" in text


def test_markdown_is_one_table_with_a_row_a_network():
    lines = as_markdown(EXPERIMENTS, 0.95).splitlines()
    rows = [
        [cell.strip() for cell in line.split("|")[1:-1]] for line in lines if line.startswith("|")
    ]

    assert {len(row) for row in rows} == {8}
    assert [row[0] for row in rows[2:]] == [
        "main 1a0719c",
        "quick-fox",
        "slow-fox",
        "late-fox, queued",
    ]
    assert rows[3][1].split("<br>") == ["`recipes.fast.lr 0.05 → 0.1`", f"`{LONG}`"]
