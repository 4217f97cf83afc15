"""Timing: every repeat is kept, warm-up isn't; the plain network decides which sessions count."""

import numpy as np
import pytest
import torch

from resnet_depth.latency.settings import BatchTiming, LatencySettings
from resnet_depth.latency.timing import (
    compare_outputs,
    random_images,
    sessions_that_count,
    summed_up,
    time_forms,
    time_runs,
)

CPU = torch.device("cpu")
TIMING = BatchTiming(batch_size=2, warmup=3, repeats=5)


class Counting:
    """A form that notes how often images were made ready, and the shapes that it was run with."""

    def __init__(self):
        self.readied, self.shapes = 0, []

    def __call__(self, images):
        self.readied += 1
        return lambda: self.shapes.append(images.shape)


def test_warm_up_runs_are_made_but_not_timed():
    counting = Counting()

    seconds = time_runs(counting(random_images(2, 8)), TIMING, CPU)

    assert counting.shapes == [(2, 8, 8, 3)] * 8
    assert len(seconds) == 5


def test_sessions_count_where_the_plain_networks_median_is_near_theirs():
    # Medians 1, 1.2, 1.05: the middle one is 1.05, of which a tenth is 0.105.
    plain = [[1.0, 1.0, 9.0], [1.2], [1.05]]

    assert sessions_that_count(plain, 0.1) == [True, False, True]
    assert sessions_that_count(plain, 0.15) == [True, True, True]


@pytest.mark.parametrize("medians", [[1.0], [1.0, 2.0], [1.0, 2.0, 3.0], [4.0, 3.0, 2.0, 1.0]])
def test_a_session_counts_however_far_they_lie_apart(medians):
    assert sum(sessions_that_count([[each] for each in medians], 0.01)) == 1


def test_the_figures_are_those_of_the_sessions_that_count():
    runs = [[3.0, 1.0, 2.0], [70.0, 80.0, 90.0], [4.0, 5.0, 6.0]]

    found = summed_up(runs, [True, False, True], TIMING)

    assert found.session_medians == [2, 80, 5]
    assert found.medians == [2, 5]
    assert found.median_seconds == 3.5
    assert found.seconds == [3, 1, 2, 4, 5, 6]
    assert found.p90_seconds == np.percentile([1, 2, 3, 4, 5, 6], 90)
    assert found.p99_seconds == np.percentile([1, 2, 3, 4, 5, 6], 99)
    assert found.images_per_second == 2 / 3.5


def test_forms_are_timed_in_turns_in_every_session_on_images_made_ready_once():
    plain, other = Counting(), Counting()
    settings = LatencySettings(
        device="cpu",
        threads=1,
        sessions=3,
        pause=0,
        band=1,
        single=BatchTiming(batch_size=1, warmup=0, repeats=2),
        batched=BatchTiming(batch_size=4, warmup=1, repeats=2),
    )

    times, load = time_forms({"plain": plain, "other": other}, settings, 8, CPU)

    assert plain.shapes == other.shapes == 3 * ([(1, 8, 8, 3)] * 2 + [(4, 8, 8, 3)] * 3)
    assert plain.readied == other.readied == 3 * 2
    assert times["other"].single.counted == times["plain"].single.counted
    assert len(times["other"].batched.session_medians) == 3
    assert 0 <= load <= 1


def test_the_difference_is_the_largest_of_all_logits():
    def shifted(shift):
        return lambda images: lambda: torch.zeros(len(images), 3) + torch.tensor(shift)

    first, second = shifted([1.0, -4.0, 0.0]), shifted([1.0, -4.5, 0.25])

    assert compare_outputs(first, second, random_images(5, 8)) == (0.5, 4.0)
