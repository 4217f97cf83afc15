"""What can be left out of a network, on constructed results whose truth is known."""

from dataclasses import replace

import pytest
from given.pruned_levels import CHANGES, MARGIN, constructed, found

from resnet_depth.evidence.statistics import estimate_mean
from resnet_depth.findings.pruning import find_pruning


@pytest.fixture(scope="module")
def evidence(tmp_path_factory):
    return constructed(tmp_path_factory.mktemp("study"))


def test_a_level_is_compared_with_the_exact_network_seed_by_seed(evidence):
    level = found(evidence).of("inner", "l2")[1]

    expected = estimate_mean(CHANGES["inner", "l2", 0.5], 0.95)
    assert level.difference.mean == pytest.approx(expected.mean, abs=1e-12)
    assert level.difference.low == pytest.approx(expected.low)
    assert level.difference.high == pytest.approx(expected.high)
    assert level.tuned.mean == pytest.approx(0.9)
    assert (level.parameters, level.nonzero_parameters) == (2_000_000, 2_000_000)


def test_the_full_and_the_exact_network_are_compared_with_nothing(evidence):
    one = found(evidence)

    assert one.full.difference is one.exact.difference is None
    assert one.full.tuned is None
    assert one.exact.tuned.mean == pytest.approx(0.9)


def test_chance_is_the_control_of_the_norm(evidence):
    (control,) = found(evidence).controls

    assert (control.kind, control.share) == ("inner", 0.5)
    assert control.difference.mean == pytest.approx(0.05)
    assert control.difference.low == pytest.approx(0.05)
    assert control.difference.high == pytest.approx(0.05)


def test_one_seed_has_no_interval(evidence):
    level = found(evidence, seeds=(1,)).of("inner", "l2")[1]

    assert (level.difference.low, level.difference.high) == (None, None)


def test_each_level_has_its_own_times_but_the_full_network_and_the_control(evidence):
    one = found(evidence)

    assert one.full.timings is None
    assert one.of("inner", "random")[0].timings is None
    slowest, *_, fastest = [one.exact, *one.of("inner", "l2")]
    assert (slowest.timings.single_seconds, slowest.timings.images_per_second) == (0.82e-3, 3445)
    assert (fastest.timings.single_seconds, fastest.timings.images_per_second) == (0.20e-3, 7000)
    assert (fastest.timings.single_images, fastest.timings.batched_images) == (1, 256)
    assert not fastest.timings.shared
    assert found(evidence, shared=True).exact.timings.shared


def test_where_nothing_was_pruned_nothing_is_found(evidence):
    assert find_pruning(replace(evidence, pruning=evidence.pruning[:0]), MARGIN) == ()
