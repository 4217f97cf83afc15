"""The table of pruned networks: a row a level, its numbers as they were measured."""

import pytest
from given.study_files import write_study

from resnet_depth.findings.pruning import find_pruning
from resnet_depth.report.pruning_table import pruning_rows


def rows(tmp_path, **settings):
    evidence = write_study(tmp_path, depths=(18,), pruned=(18,), **settings).evidence()
    found = find_pruning(evidence, 0.005)
    return found[0], pruning_rows(evidence, found)


def test_each_level_has_its_row_and_each_column_its_cell(tmp_path):
    found, table = rows(tmp_path)

    assert len(table) == len(found.levels)
    assert all(len(row.cells) == len(row.values) == len(COLUMNS) for row in table)
    named = [row.cells[1] for row in table]
    assert named[:3] == ["nothing", "dead taps", "50% inside blocks, by L2 norm"]
    exact = table[1]
    assert exact.cells[2:5] == ("5.59 M", "5.59 M", "18.6 M")
    assert exact.values[8] == found.exact.tuned.mean
    # Recalibrated in 0.5 s and tuned in 2.
    assert exact.cells[-2:] == ("–", "2.50 s")
    assert table[0].cells[-4:] == ("–", "–", "–", "–")


def test_times_that_were_shared_do_not_count(tmp_path):
    _, table = rows(tmp_path, shared=[(18, seed) for seed in (0, 1, 2)])

    assert {row.cells[-1] for row in table} == {"–"}


@pytest.mark.parametrize(("seeds", "interval"), [((0,), False), ((0, 1), True)])
def test_an_interval_stands_with_a_mean_over_seeds(tmp_path, seeds, interval):
    _, table = rows(tmp_path, seeds=seeds)

    assert ("±" in table[1].cells[8]) == interval
