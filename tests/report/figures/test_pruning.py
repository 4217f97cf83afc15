"""The figure of pruning: tuned accuracy with intervals, and what it was before."""

from dataclasses import replace

import pytest
from given.study_files import write_study

from resnet_depth.findings.pruning import find_pruning
from resnet_depth.report.figures.draw import draw_pruning, write_figures
from resnet_depth.report.figures.drawing import COLOURS


def drawn(tmp_path, **settings):
    evidence = write_study(tmp_path, **settings).evidence()
    found = find_pruning(evidence, 0.005)
    return found, draw_pruning(evidence, found)


@pytest.mark.parametrize(
    "settings",
    [
        {"pruned": (18,)},
        {"pruned": (18,), "seeds": (0,)},
        {"pruned": (34, 18), "seeds": (0, 1)},
        {"pruned": (18,), "lossy": True, "recipes": ("reference", "fast")},
    ],
)
def test_every_kind_of_study_gives_a_whole_figure_in_the_depths_colours(tmp_path, settings):
    _, plate = drawn(tmp_path / "study", depths=(18, 34), **settings)

    svg = write_figures(tmp_path / "figures", {"pruning": plate}, dpi=50)["pruning"]

    used = {depth for depth, colour in COLOURS.items() if colour in svg}
    assert used == set(settings["pruned"])
    assert plate.figure.get_figwidth() <= 7.5
    assert plate.caption.endswith(".")
    assert plate.alt.endswith(".")
    assert "Constructed digits" in svg


def test_on_the_left_are_the_tuned_means_at_the_parameters_that_are_left(tmp_path):
    (found,), plate = drawn(tmp_path, depths=(18,), pruned=(18,))
    tuned = plate.figure.axes[0]

    (line,) = [line for line in tuned.lines if line.get_marker() == "o"]

    # Less is left, farther to the left.
    levels = [found.exact, *found.of("inner", "l2")]
    assert line.get_xdata().tolist() == [level.nonzero_parameters for level in levels]
    assert line.get_ydata().tolist() == [level.tuned.mean for level in levels]
    assert [line.get_marker() for line in tuned.lines].count("x") == 1


def test_what_is_not_pruned_by_one_way_is_not_drawn(tmp_path):
    (found,), _ = drawn(tmp_path, depths=(18,), pruned=(18,))
    exact_only = replace(found, levels=found.levels[:2], controls=())
    evidence = write_study(tmp_path, depths=(18,), pruned=(18,)).evidence()

    plate = draw_pruning(evidence, [exact_only])

    assert {line.get_marker() for axes in plate.figure.axes for line in axes.lines} <= {"o", "None"}
    assert "90.4% with 5.59 M parameters." in plate.alt


def test_the_same_data_give_the_same_bytes(tmp_path):
    written = []
    for name in ("first", "second"):
        _, plate = drawn(tmp_path / name, depths=(18,), pruned=(18,))
        write_figures(tmp_path / f"{name} figures", {"pruning": plate}, dpi=50)
        files = sorted((tmp_path / f"{name} figures").iterdir())
        written.append([file.read_bytes() for file in files])

    assert written[0] == written[1]
