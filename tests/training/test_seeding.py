"""One seed governs a run's randomness, and each purpose has a stream of its own."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from resnet_depth.networks.prediction import Images
from resnet_depth.training.initial import initial_network
from resnet_depth.training.loop import TrainingLoop
from resnet_depth.training.seeding import Stream, epoch_generator, generator, stream_seed

seeds = st.integers(0, 2**32 - 1)


@given(seeds)
def test_the_streams_of_a_seed_differ(seed):
    assert len({stream_seed(seed, stream) for stream in Stream}) == len(Stream)


@given(seeds, seeds, st.sampled_from(Stream))
def test_a_stream_depends_on_the_seed_alone(first, second, stream):
    equal = stream_seed(first, stream) == stream_seed(second, stream)

    assert equal == (first == second)


def test_stream_seeds_never_change():
    # A change of these numbers would silently change every result.
    assert [stream_seed(0, stream) for stream in list(Stream)[:2]] == [
        7896617691693857887,
        2918264622725855778,
    ]
    drawn = [epoch_generator(0, stream, 0).integers(0, 1000) for stream in list(Stream)[2:]]
    assert drawn == [325, 857, 777, 610, 542, 257, 896]
    assert [epoch_generator(0, Stream.CROP, epoch).integers(0, 1000) for epoch in (1, 2)] == [
        286,
        24,
    ]


@pytest.mark.parametrize("seed", [-1, 2**32])
def test_a_seed_out_of_range_is_refused(seed):
    with pytest.raises(ValueError, match="seed must lie in"):
        stream_seed(seed, Stream.ORDER)


def test_a_generator_starts_over_each_time():
    first, second = (torch.rand(3, generator=generator(1, Stream.ORDER)) for _ in range(2))

    assert torch.equal(first, second)


def test_each_epoch_of_a_stream_draws_anew_and_always_the_same():
    first, second, again, other = (
        epoch_generator(seed, Stream.FLIP, epoch).random(3)
        for seed, epoch in [(0, 0), (0, 1), (0, 0), (1, 0)]
    )

    assert (first == again).all()
    assert len({tuple(drawn) for drawn in (first, second, other)}) == 3


def test_initialisation_leaves_the_global_generator_as_it_was():
    before = torch.get_rng_state()

    first = initial_network(18, 10, "imagenet", seed=3)

    assert torch.equal(torch.get_rng_state(), before)
    again = initial_network(18, 10, "imagenet", seed=3)
    assert torch.equal(first.fc.weight, again.fc.weight)


def test_networks_of_one_seed_but_different_depths_start_from_different_weights_in_every_layer():
    shallow, deep = (
        {
            name: layer.weight
            for name, layer in initial_network(depth, 10, "imagenet", 0).named_modules()
            if isinstance(layer, torch.nn.Conv2d | torch.nn.Linear)
        }
        for depth in (18, 34)
    )

    assert shallow.keys() < deep.keys()
    assert not any(torch.equal(weight, deep[name]) for name, weight in shallow.items())


class Seen(torch.nn.Module):
    """A classifier of so many weights that keeps what it is shown."""

    def __init__(self, width):
        super().__init__()
        self.layers = torch.nn.Sequential(torch.nn.Linear(3, width), torch.nn.Linear(width, 10))
        self.images = []

    def forward(self, images):
        self.images.append(images.clone())
        return self.layers(images.mean((2, 3)))


def test_networks_of_one_seed_see_the_images_in_the_same_order_whatever_they_are(
    make_job, training_part
):
    recipe, device = make_job().recipe, torch.device("cpu")
    shown = []
    for width, seed in [(2, 0), (5, 0), (5, 1)]:
        network = Seen(width)
        images = Images(training_part.images, (0.5,) * 3, (0.2,) * 3, device)
        TrainingLoop(recipe, 1, seed, network, images, training_part.labels, device).run_epoch(
            lambda _: None
        )
        shown.append(torch.cat(network.images))

    assert torch.equal(shown[0], shown[1])
    assert not torch.equal(shown[1], shown[2])
