"""One seed governs a run's randomness, and each purpose has a stream of its own."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from resnet_depth.training.seeding import Stream, generator, initialisation, stream_seed

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
    assert [stream_seed(0, stream) for stream in Stream] == [
        7896617691693857887,
        2918264622725855778,
        8597659618385908031,
    ]


@pytest.mark.parametrize("seed", [-1, 2**32])
def test_a_seed_out_of_range_is_refused(seed):
    with pytest.raises(ValueError, match="seed must lie in"):
        stream_seed(seed, Stream.ORDER)


def test_a_generator_starts_over_each_time():
    first, second = (torch.rand(3, generator=generator(1, Stream.ORDER)) for _ in range(2))

    assert torch.equal(first, second)


def test_initialisation_leaves_the_global_generator_as_it_was():
    before = torch.get_rng_state()

    with initialisation(3):
        drawn = torch.rand(2)

    assert torch.equal(torch.get_rng_state(), before)
    with initialisation(3):
        assert torch.equal(torch.rand(2), drawn)
