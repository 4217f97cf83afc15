"""Which depths are beaten in accuracy and cost."""

from given.study_files import write_study
from matplotlib import rc_context

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

    assert alone.alt.startswith("In training time ResNet-50 is beaten.")
    assert shared.alt.startswith("In training time no depth is beaten.")
    assert "Hollow: timed while others used the machine" in " ".join(
        text.get_text() for text in shared.figure.texts
    )
