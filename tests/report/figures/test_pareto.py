"""Which depths are beaten in accuracy and cost."""

from itertools import pairwise

import numpy as np
import pytest
from given.study_files import write_study
from matplotlib import rc_context
from matplotlib.transforms import Bbox

from resnet_depth.evidence.costs import costs_of
from resnet_depth.report.figures.drawing import STYLE
from resnet_depth.report.figures.pareto import dominated, pareto


def test_a_depth_is_dominated_by_one_that_is_better_and_in_nothing_worse():
    # (cost, accuracy): the second is beaten by the first, the third by none, the last two are one.
    places = [(1.0, 0.9), (2.0, 0.9), (3.0, 0.95), (0.5, 0.8), (0.5, 0.8)]

    assert dominated(places) == [False, True, False, False, False]


def drawn(tmp_path, **settings):
    evidence = write_study(tmp_path, **settings).evidence()
    with rc_context(STYLE):
        return pareto(evidence, costs_of(evidence))


def test_timings_that_do_not_count_are_in_no_comparison(tmp_path):
    # ResNet-34 would beat ResNet-50 in both, but its times were taken on a shared machine.
    accuracy = {(d, s): {34: 0.95, 50: 0.9}[d] for d in (34, 50) for s in (0, 1)}
    settings = {"depths": (34, 50), "seeds": (0, 1), "accuracy": accuracy}
    alone = drawn(tmp_path / "alone", **settings)
    shared = drawn(tmp_path / "shared", shared=[(34, 0), (34, 1)], **settings)

    assert alone.alt.startswith("By training time ResNet-50 is beaten.")
    assert shared.alt.startswith("By training time no network is beaten.")
    assert "Hollow: timed while others used the machine" in header(shared)


def header(plate):
    return " ".join(text.get_text() for text in plate.figure.texts)


def test_the_words_are_of_what_is_drawn(tmp_path):
    rising = {(d, s): 0.8 + 0.001 * d + 0.002 * s for d in (18, 34) for s in (0, 1)}
    busy = [(d, s) for d in (18, 34) for s in (0, 1)]
    settings = {"depths": (18, 34), "accuracy": rising}
    plain = drawn(tmp_path / "plain", seeds=(0, 1), **settings)
    one = drawn(tmp_path / "one", seeds=(0,), **settings)
    shared = drawn(tmp_path / "shared", seeds=(0, 1), shared=busy, **settings)

    assert "Grey line" in header(plain)
    for word in ("Pale", "Hollow", "arrow", "A network is beaten if"):
        assert word not in header(plain) + plain.caption, word
    assert "interval" not in header(one)
    assert shared.alt.startswith(
        "By training time nothing is compared: others used the machine; repeat when idle."
    )


def boxes_of(figure):
    """For each panel the extents, in pixels, of its names, and of its marks and lines."""
    renderer = figure.canvas.get_renderer()
    figure.canvas.draw()
    for axes in figure.axes:
        to_pixels = axes.transData.transform
        names = [text.get_window_extent(renderer) for text in axes.texts]
        drawn = []
        for line in axes.lines:
            places = to_pixels(np.column_stack(line.get_data()))
            if line.get_marker() != "None":
                radius = line.get_markersize() / 2 * figure.dpi / 72
                drawn += [Bbox([place - radius, place + radius]) for place in places]
            drawn += [Bbox([place, place]) for place in np.linspace(places[0], places[-1], 50)]
            for start, end in pairwise(places):
                drawn += [Bbox([place, place]) for place in np.linspace(start, end, 50)]
        for collection in axes.collections:
            for segment in collection.get_segments():
                start, end = to_pixels(segment)
                drawn.append(Bbox.from_extents(*np.minimum(start, end), *np.maximum(start, end)))
        yield axes.get_window_extent(renderer), names, drawn


CLOSE = {18: 0.93, 34: 0.932, 50: 0.934, 101: 0.929, 152: 0.925}


@pytest.mark.parametrize("step", [0.0, 0.004, -0.01])
def test_no_name_touches_a_mark_a_line_another_name_or_the_border(tmp_path, step):
    accuracy = {
        (d, s): mean + step * k + 0.006 * (s - 1)
        for k, (d, mean) in enumerate(CLOSE.items())
        for s in (0, 1, 2)
    }
    plate = drawn(tmp_path, depths=tuple(CLOSE), accuracy=accuracy)

    for panel, names, others in boxes_of(plate.figure):
        assert len(names) == len(CLOSE)
        for k, name in enumerate(names):
            assert panel.x0 <= name.x0 <= name.x1 <= panel.x1
            assert panel.y0 <= name.y0 <= name.y1 <= panel.y1
            touched = [box for box in [*others, *names[:k]] if name.overlaps(box)]
            assert not touched, (k, name, touched)
