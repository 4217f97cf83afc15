"""Latency: every repeat is kept, warm-up isn't, and the figures follow from the repeats."""

import numpy as np
import pytest
import torch
from torch import nn

from resnet_depth.latency.measure import compare_outputs, measure_latency, time_inference
from resnet_depth.latency.settings import BatchTiming, LatencySettings
from resnet_depth.training.result import write_training
from resnet_depth.training.train import train


class Counting(nn.Module):
    """A network that counts its calls and notes what it was given."""

    def __init__(self):
        super().__init__()
        self.shapes = []

    def forward(self, batch):
        self.shapes.append(tuple(batch.shape))
        return batch


def test_warm_up_runs_are_made_but_not_timed():
    network = Counting()
    timing = BatchTiming(batch_size=2, warmup=3, repeats=5)

    result = time_inference(network, timing, 8, torch.device("cpu"), torch.channels_last)

    assert network.shapes == [(2, 3, 8, 8)] * 8
    assert len(result.seconds) == 5


def test_the_figures_are_those_of_the_repeats():
    timing = BatchTiming(batch_size=4, warmup=0, repeats=21)

    result = time_inference(Counting(), timing, 8, torch.device("cpu"), torch.contiguous_format)

    seconds = result.seconds
    assert result.median_seconds == np.median(seconds)
    assert result.p90_seconds == np.percentile(seconds, 90)
    assert result.p99_seconds == np.percentile(seconds, 99)
    assert result.images_per_second == pytest.approx(4 / np.median(seconds))


def test_a_measurement_stands_with_all_it_depends_on(make_job, training_part, tmp_path):
    model = tmp_path / "m"
    write_training(train(make_job(), training_part, training_part), model, tmp_path / "d.json")
    settings = LatencySettings(
        device="cpu",
        threads=1,
        single=BatchTiming(batch_size=1, warmup=1, repeats=3),
        batched=BatchTiming(batch_size=16, warmup=1, repeats=2),
    )

    result = measure_latency(model, settings)

    assert (result.network, result.image_size, result.dtype) == ("resnet18", 32, "float32")
    assert (result.device, result.threads) == ("cpu", 1)
    for form in ("plain", "deployed"):
        timings = getattr(result, form)
        assert (timings.single.batch_size, timings.batched.batch_size) == (1, 16)
    assert result.compared_images == 16
    assert result.largest_output_difference < 1e-4 * result.largest_output
    assert 0 <= result.other_load <= 1
    assert result.environment.machine_class.processor
    version = result.environment.machine_class.packages["torch"]
    assert version == torch.__version__.split("+")[0]


def test_the_difference_is_the_largest_of_all_logits():
    class Shifted(nn.Module):
        def __init__(self, shift):
            super().__init__()
            self.shift = torch.tensor(shift)

        def forward(self, batch):
            return torch.zeros(len(batch), 3) + self.shift

    first, second = Shifted([1.0, -4.0, 0.0]), Shifted([1.0, -4.5, 0.25])

    found = compare_outputs(first, second, 5, 8, torch.device("cpu"))

    assert found == (0.5, 4.0)
