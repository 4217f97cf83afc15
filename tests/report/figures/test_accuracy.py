"""Accuracies, as they are drawn."""

from given.study_files import write_study
from matplotlib import rc_context

from resnet_depth.report.figures.accuracy import accuracy_by_depth
from resnet_depth.report.figures.drawing import STYLE


def test_accuracies_are_drawn_between_0_and_100_percent_however_wide_an_interval(tmp_path):
    wild = {(d, s): (0.6, 0.99)[s] for d in (18, 34) for s in (0, 1)}
    evidence = write_study(tmp_path, depths=(18, 34), seeds=(0, 1), accuracy=wild).evidence()
    with rc_context(STYLE):
        plate = accuracy_by_depth(evidence)

    low, high = plate.figure.axes[0].get_ylim()
    assert -0.05 < low < 0.6
    assert 0.99 < high < 1.05
