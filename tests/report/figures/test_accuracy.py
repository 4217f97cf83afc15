"""Accuracies, as they are drawn."""

from given.study_files import write_study
from matplotlib import rc_context

from resnet_depth.report.figures.accuracy import (
    accuracy_by_depth,
    confusion_matrix,
    learning_curves,
)
from resnet_depth.report.figures.drawing import STYLE


def test_accuracies_are_drawn_between_0_and_100_percent_however_wide_an_interval(tmp_path):
    wild = {(d, s): (0.6, 0.99)[s] for d in (18, 34) for s in (0, 1)}
    evidence = write_study(tmp_path, depths=(18, 34), seeds=(0, 1), accuracy=wild).evidence()
    with rc_context(STYLE):
        plate = accuracy_by_depth(evidence)

    axes = plate.figure.axes[0]
    low, high = axes.get_ylim()
    assert -0.05 < low < 0.6
    assert 0.99 < high < 1.05
    ends = [y for bar in axes.collections for part in bar.get_segments() for _, y in part]
    assert (min(ends), max(ends)) == (0, 1)
    assert "Intervals end at 0 and 100%." in plate.caption


def test_cells_of_a_confusion_matrix_are_whole_percents(tmp_path):
    evidence = write_study(tmp_path, depths=(18,), seeds=(0, 1)).evidence()
    rows = evidence.confusion
    rows.loc[:, "fraction"] = 0.0
    rows.loc[rows["actual"] == rows["predicted"], "fraction"] = 0.9955
    rows.loc[(rows["actual"] != rows["predicted"]) & (rows.index % 11 == 1), "fraction"] = 0.0045
    with rc_context(STYLE):
        plate = confusion_matrix(evidence, 18)

    assert {text.get_text() for text in plate.figure.axes[0].texts} == {"100", "<1"}


def header(plate):
    return " ".join(text.get_text() for text in plate.figure.texts)


def test_learning_curves_name_the_lines_that_are_drawn(tmp_path):
    told = {}
    for name, settings in {
        "usual": {},
        "one seed": {"seeds": (0,)},
        "no validation": {"validation": False},
        "one epoch": {"epochs": 1},
    }.items():
        evidence = write_study(tmp_path / name, depths=(18,), **settings).evidence()
        with rc_context(STYLE):
            told[name] = header(learning_curves(evidence))

    assert "Thin: single seeds; thick: their mean; solid: validation (144 images" in told["usual"]
    assert "Thin" not in told["one seed"]
    assert "dashed" not in told["no validation"]
    assert "Small: single seeds; large: their mean; diamond: validation" in told["one epoch"]
