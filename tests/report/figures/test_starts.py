"""The figure of starts: lines by images, filled from weights, hollow from scratch."""

import pytest
from given.study_files import write_study

from resnet_depth.findings.start_gains import find_start_gains
from resnet_depth.report.figures.draw import draw_comparison

RECIPES = {
    "reference": {},
    "given": {"weights": "mine"},
    "tenth": {"train_fraction": 0.1},
    "tenth_given": {"train_fraction": 0.1, "weights": "mine"},
}


@pytest.mark.parametrize("seeds", [(0,), (0, 1)])
def test_a_line_from_scratch_and_one_from_weights_go_through_their_means(tmp_path, seeds):
    study = write_study(tmp_path, depths=(18, 34), seeds=seeds, recipes=RECIPES).study_evidence()

    plate = draw_comparison(study, find_start_gains(study))[-1]

    assert plate.name == "accuracy_by_start"
    (axes,) = plate.figure.axes
    lines = [
        line for line in axes.lines if len(line.get_xdata()) == 2 and line.get_marker() != "None"
    ]
    assert [line.get_xdata().tolist() for line in lines] == [[129, 1293]] * 4
    assert len({line.get_transform().transform((129, 0.5))[0] for line in lines}) == 4
    hollow = [line.get_ydata() for line in lines if line.get_mfc() == "white"]
    expected = [
        [study.by_recipe[recipe].estimates[depth].mean for recipe in ("tenth", "reference")]
        for depth in (18, 34)
    ]
    assert [pytest.approx(line) for line in hollow] == expected
    assert "129 images: ResNet-18" in plate.alt
    assert "The weights: the weights mine." in plate.caption
