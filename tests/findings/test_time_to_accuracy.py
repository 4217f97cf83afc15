"""Time to the accuracy that the reference ends with."""

import pytest
from given.study_files import write_study

from resnet_depth.findings.time_to_accuracy import (
    seconds_to,
    time_sentence,
    times_to_reference,
)


def test_an_accuracy_is_reached_on_the_line_between_two_epochs():
    # Epochs of 10 s: 0.5 after 10 s, 0.7 after 20 s; 0.6 lies halfway.
    assert seconds_to(0.6, [0.5, 0.7, 0.8], [10, 10, 10]) == pytest.approx(15)
    assert seconds_to(0.4, [0.5, 0.7, 0.8], [10, 10, 10]) == 10
    assert seconds_to(0.9, [0.5, 0.7, 0.8], [10, 10, 10]) is None


def study(tmp_path, **settings):
    return write_study(tmp_path, depths=(18,), recipes=("reference", "fast"), **settings)


def test_a_better_recipe_gets_there_before_its_end(tmp_path):
    evidence = study(tmp_path).study_evidence()

    (found,) = times_to_reference(evidence)

    whole = [each.train_seconds for each in evidence.by_recipe["fast"].durations.values()]
    assert (found.recipe, found.depth, found.runs, found.reached) == ("fast", 18, 3, 3)
    assert 0 < found.seconds.mean < max(whole)
    assert found.reference_seconds.n == 3
    assert time_sentence(found, 0.95).startswith("ResNet-18 reaches the ")


def test_timings_of_a_shared_machine_do_not_count(tmp_path):
    shared = [("fast", 18, seed) for seed in (0, 1, 2)]

    (found,) = times_to_reference(study(tmp_path, shared=shared).study_evidence())

    assert (found.runs, found.seconds) == (0, None)
    assert "not shown: others used the machine; repeat when idle" in time_sentence(found, 0.95)


def test_what_was_never_reached_is_told(tmp_path):
    worse = {("fast", 18, seed): 0.5 for seed in (0, 1, 2)}

    (found,) = times_to_reference(study(tmp_path, accuracy=worse).study_evidence())

    assert "none of 3 runs reached" in time_sentence(found, 0.95)


def test_without_a_validation_part_nothing_is_told(tmp_path):
    assert times_to_reference(study(tmp_path, validation=False).study_evidence()) == ()
