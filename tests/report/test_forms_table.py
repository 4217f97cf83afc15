"""The table of forms: each form of each network, its file, accuracy and times with their range."""

import pytest
from given.study_files import write_study

from resnet_depth.base.files import read_json, write_json
from resnet_depth.evidence.costs import costs_of
from resnet_depth.report.forms_table import forms_table


def table_of(study):
    evidence = study.study_evidence()
    costs = [cost for own in evidence.by_recipe.values() for cost in costs_of(own)]
    return forms_table(evidence, costs), costs


def test_each_network_has_a_row_for_each_form(tmp_path):
    table, costs = table_of(write_study(tmp_path, depths=(18,)))

    assert [row[:4] for row in table.rows] == [
        ("ResNet-18", "plain", "44.7 MB", "91.80%"),
        ("ResNet-18", "ONNX Runtime 1.32.0", "22.4 MB", "91.80%"),
        ("ResNet-18", "8 bits", "11.2 MB", "91.60%"),
    ]
    times = costs[0].latency.int8.single
    assert table.values[2][4] == times.median_seconds
    low, high = (1e3 * seconds for seconds in sorted(times.session_medians[:2]))
    assert table.rows[2][4] == f"{1e3 * times.median_seconds:.2f} ms ({low:.2f}–{high:.2f})"
    assert "3 sessions, at least 2 of which count" in table.subtitle


def test_without_a_form_in_8_bits_there_are_two_rows(tmp_path):
    study = write_study(tmp_path, depths=(18,))
    path = study.latency / "reference/resnet18.json"
    on_gpu = {"int8": None, "deployed_by": "torch 2.14.1", "device": "cuda"}
    write_json(path, read_json(path) | on_gpu)

    table, _ = table_of(study)

    assert [row[1:3] for row in table.rows] == [("plain", "44.7 MB"), ("torch 2.14.1", "–")]


@pytest.mark.parametrize("recipes", [("reference",), ("reference", "fast")])
def test_every_row_has_every_column(tmp_path, recipes):
    table, costs = table_of(write_study(tmp_path, recipes=recipes, validation=False))

    assert len(table.rows) == 3 * len(costs)
    for row, values in zip(table.rows, table.values, strict=True):
        assert len(row) == len(values) == len(table.columns)
    assert {row[-3] for row in table.rows} == {"–"}
