"""Bringing networks back: batch norm's statistics are those of the images, and zeros stay zero."""

import copy

import numpy as np
import pytest
import torch
from given.small_network import recipe
from given.small_network import small_network as channels_last_network
from torch import nn
from torch.nn.utils import prune

from resnet_depth.base.errors import UserError
from resnet_depth.networks.prediction import Images
from resnet_depth.pruning import tuning
from resnet_depth.pruning.tuning import Tuning, recalibrate, with_smaller_steps
from resnet_depth.pruning.weights import prune_weights
from resnet_depth.training.loop import TrainingLoop

CPU = torch.device("cpu")


def small_network():
    """As networks come from disk."""
    return channels_last_network().to(memory_format=torch.contiguous_format)


def images(count=50):
    pixels = np.random.default_rng(0).integers(0, 256, (count, 8, 8, 3), dtype=np.uint8)
    return Images(pixels, (0.5, 0.5, 0.5), (0.3, 0.3, 0.3), CPU)


def tuning_by(**changes):
    labels = (np.arange(50) % 5).astype(np.uint8)
    return Tuning(recipe(batch_size=16, **changes), 2, 0, images(), labels, CPU)


@pytest.fixture
def batches_of_20(monkeypatch):
    monkeypatch.setattr(tuning, "RECALIBRATION_BATCH", 20)


def expected_statistics(network, count):
    """Mean and variance of the first norm's input: of batches of 20, weighted by their sizes."""
    given = images(50)
    means, variances, sizes = [], [], []
    for start in range(0, count, 20):
        batch = given.normalize(given.slice(start, min(start + 20, count)))
        with torch.no_grad():
            maps = network[0](batch).transpose(0, 1).flatten(1).double()
        means.append(maps.mean(1))
        variances.append(maps.var(1))
        sizes.append(len(batch))
    weights = torch.tensor(sizes, dtype=torch.float64)[:, None] / sum(sizes)
    return (torch.stack(means) * weights).sum(0), (torch.stack(variances) * weights).sum(0)


@pytest.mark.parametrize(("count", "used"), [(50, 50), (41, 40)])
def test_recalibrated_statistics_are_those_of_all_images(batches_of_20, count, used):
    # Of 41 images, a last batch of one has no variance.
    network = small_network()
    network[1].running_mean.fill_(100.0)
    before = [parameter.clone() for parameter in network.parameters()]
    seen = []

    recalibrate(network, images(count), seen.append)

    mean, variance = expected_statistics(network, used)
    assert torch.allclose(network[1].running_mean.double(), mean, rtol=1e-5, atol=1e-6)
    assert torch.allclose(network[1].running_var.double(), variance, rtol=1e-5)
    assert sum(seen) == used
    assert all(map(torch.equal, before, network.parameters()))
    assert {each.momentum for each in network if isinstance(each, nn.BatchNorm2d)} == {0.1}


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"optimizer": "muon", "momentum": 0.9, "gradient_clip": 1},
        {"optimizer": "muon", "ema": 0.5},
        {"optimizer": "sgd", "schedule": "cosine"},
    ],
    ids=["adam", "muon", "average", "sgd"],
)
def test_zeros_stay_zero_and_all_else_is_tuned(changes):
    network = small_network()
    prune_weights(network, 0.6)
    kept = copy.deepcopy(network)

    tuned = tuning_by(**changes).tune(network, "a level", lambda _: None, keep_zeros=True)

    for before, after in zip(kept.parameters(), tuned.parameters(), strict=True):
        if before.dim() >= 2:
            assert torch.equal(before == 0, after == 0)
        assert not torch.equal(before, after)


def test_without_keeping_them_zeros_are_trained_like_other_weights():
    network = small_network()
    prune_weights(network, 0.6)

    tuned = tuning_by().tune(network, "a level", lambda _: None, keep_zeros=False)

    assert (tuned[0].weight != 0).all()


def test_zeros_are_kept_as_torchs_own_pruning_keeps_them():
    work, ours, torchs = tuning_by(), small_network(), small_network()
    prune_weights(ours, 0.6)
    layers = [(each, "weight") for each in torchs if isinstance(each, nn.Conv2d | nn.Linear)]
    prune.global_unstructured(layers, prune.L1Unstructured, amount=0.6)

    work.tune(ours, "a level", lambda _: None, keep_zeros=True)
    loop = TrainingLoop(work.recipe, 2, 0, torchs, work.images, work.labels, CPU)
    for _ in range(2):
        loop.run_epoch(lambda _: None)

    for one, other in zip(ours, torchs, strict=True):
        if isinstance(one, nn.Conv2d | nn.Linear):
            expected = other.weight_orig * other.weight_mask
            assert torch.allclose(one.weight, expected, rtol=1e-4, atol=1e-6)


def test_smaller_steps_are_all_step_sizes_of_the_recipe_and_nothing_else():
    whole = recipe(lr=0.02, muon_lr=0.04, bias_lr_factor=2)

    assert with_smaller_steps(whole, 0.5) == recipe(lr=0.01, muon_lr=0.02, bias_lr_factor=2)


def test_every_image_is_counted_once_an_epoch_and_once_at_the_end():
    seen = []

    tuning_by().tune(small_network(), "a level", seen.append, keep_zeros=False)

    assert sum(seen) == 3 * 50


def test_a_tuned_network_has_the_statistics_of_its_last_weights(batches_of_20):
    tuned = tuning_by().tune(small_network(), "a level", lambda _: None, keep_zeros=False)

    mean, variance = expected_statistics(tuned, 50)
    assert torch.allclose(tuned[1].running_mean.double(), mean, rtol=1e-5, atol=1e-6)
    assert torch.allclose(tuned[1].running_var.double(), variance, rtol=1e-5)


def test_a_loss_that_diverges_is_one_clear_line():
    work = tuning_by(optimizer="sgd", lr=10.0, weight_decay=10)
    network = small_network()
    with torch.no_grad():
        network[-1].weight.fill_(float("inf"))

    with pytest.raises(
        UserError,
        match=r"level, epoch 1 of tuning: diverged: the loss.*lower lr",
    ):
        work.tune(network, "a level", lambda _: None, keep_zeros=False)
