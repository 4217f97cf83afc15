"""The table of pruned networks: a row a level, its numbers as they were measured."""

import pytest
from given.study_files import write_study

from resnet_depth.findings.pruning import find_pruning
from resnet_depth.report.pruning_table import pruning_columns, pruning_rows, timing_note


def rows(tmp_path, **settings):
    evidence = write_study(tmp_path, depths=(18,), pruned=(18,), **settings).evidence()
    found = find_pruning(evidence, 0.005)
    return evidence, found[0], pruning_rows(evidence, found)


def test_each_level_has_its_row_and_each_column_its_cell(tmp_path):
    evidence, found, table = rows(tmp_path)

    assert len(table) == len(found.levels)
    columns = pruning_columns(evidence)
    assert all(len(row.cells) == len(row.values) == len(columns) for row in table)
    named = [row.cells[1] for row in table]
    assert named[:3] == ["nothing", "dead taps", "50% inside blocks, by L2 norm"]
    exact = table[1]
    assert exact.cells[2:5] == ("5.59 M", "5.59 M", "18.6 M")
    assert exact.values[8] == found.exact.tuned.mean
    # Recalibrated in 0.5 s and tuned in 2.
    assert exact.cells[-4:-2] == ("–", "2.50 s")
    assert table[0].cells[-6:] == ("–", "–", "–", "–", "–", "–")


def test_each_level_has_its_latency_and_throughput_but_those_that_were_not_timed(tmp_path):
    evidence, found, table = rows(tmp_path)
    timed = {
        (each.kind, each.chosen_by, each.share): each.timings
        for each in evidence.pruned_latency[18].levels
    }

    assert list(pruning_columns(evidence))[-2:] == ["One image", "Throughput"]
    for level, row in zip(found.levels, table, strict=True):
        times = timed.get((level.kind, level.chosen_by, level.share))
        assert (times is None) == (level.kind == "full" or level.chosen_by == "random")
        if times is None:
            assert row.cells[-2:] == ("–", "–")
        else:
            seconds, rate = times.single.median_seconds, times.batched.images_per_second
            assert row.values[-2:] == (seconds, rate)
            assert row.cells[-2:] == (f"{1000 * seconds:.2f} ms", f"{rate:,.0f}/s")


def test_what_was_timed_stands_with_the_sessions_that_count(tmp_path):
    evidence, _, _ = rows(tmp_path)

    assert timing_note(evidence) == (
        "Inference was timed on the network of seed 0 in the deployed form, an ONNX file run by "
        "ONNX Runtime 1.32.0, with live taps only and batch norm folded. Times are medians of 3 "
        "sessions, at least 2 of which count. A session counts if the plain network's median is "
        "within 10% of the median of all sessions."
    )


def test_times_that_were_shared_do_not_count_or_are_marked(tmp_path):
    evidence, _, table = rows(tmp_path, shared=[(18, seed) for seed in (0, 1, 2)])

    assert {row.cells[-3] for row in table} == {"–"}
    assert all(cell == "–" or cell.endswith("*") for row in table for cell in row.cells[-2:])
    assert table[1].cells[-1].endswith("/s*")
    assert timing_note(evidence).endswith("* Others used the machine meanwhile: it may be faster.")


@pytest.mark.parametrize(("seeds", "interval"), [((0,), False), ((0, 1), True)])
def test_an_interval_stands_with_a_mean_over_seeds(tmp_path, seeds, interval):
    _, _, table = rows(tmp_path, seeds=seeds)

    assert ("±" in table[1].cells[8]) == interval
