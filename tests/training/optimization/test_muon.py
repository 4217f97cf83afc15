"""Muon makes steps half-orthogonal, as written by its authors, and moves convolutions so."""

import pytest
import torch
from given.small_network import recipe, small_network

from resnet_depth.networks.compaction import compact
from resnet_depth.networks.resnet import meta_network
from resnet_depth.networks.shape import DEPTHS, NetworkShape
from resnet_depth.training.optimization.muon import (
    COEFFICIENTS,
    ITERATIONS,
    inverse_roots,
    suits_muon,
)
from resnet_depth.training.optimization.optimizer import make_optimizer


def orthogonalized(matrix, steps=ITERATIONS):
    """The iteration as Jordan et al. write it, in the matrix's own precision."""
    a, b, c = COEFFICIENTS
    found = matrix / matrix.norm()
    found = found.T if len(matrix) > len(matrix.T) else found
    for _ in range(steps):
        gram = found @ found.T
        found = a * found + (b * gram + c * gram @ gram) @ found
    return found.T if len(matrix) > len(matrix.T) else found


@pytest.mark.parametrize("shape", [(16, 16), (64, 147), (128, 1152)])
def test_the_iteration_on_the_gram_matrix_is_that_on_the_matrix(shape):
    matrices = torch.randn(2, *shape, generator=torch.Generator().manual_seed(0))

    found = inverse_roots(matrices @ matrices.mT) @ matrices

    expected = torch.stack([orthogonalized(matrix.double()) for matrix in matrices])
    assert ((found - expected).norm() / expected.norm()).item() < 2e-6


def test_the_iteration_keeps_singular_vectors_and_brings_singular_values_near_one():
    left, _, right = torch.linalg.svd(torch.randn(40, 90, dtype=torch.float64), False)
    values = torch.logspace(-4, 0, 40, dtype=torch.float64)
    matrix = left * values @ right

    found = left.T @ (inverse_roots((matrix @ matrix.T)[None])[0] @ matrix) @ right.T

    new, shares = found.diagonal(), values / values.norm()
    assert (found - new.diag()).abs().max() < 1e-10
    # With five iterations this holds from 0.0015 on; these are three.
    assert new[shares >= 0.018].min() >= 0.68
    assert new.max() <= 1.21
    assert (new <= 41 * shares).all()
    assert new[shares < 0.001].min() > 30 * shares.min()


def set_gradients(network, seed):
    numbers = torch.Generator().manual_seed(seed)
    for parameter in network.parameters():
        parameter.grad = torch.empty_like(parameter).copy_(
            torch.randn(parameter.shape, generator=numbers)
        )


def test_steps_of_convolutions_are_those_written_by_hand():
    network = small_network()
    optimizer = make_optimizer(network, recipe(optimizer="muon", muon_lr=0.05, momentum=0.9))
    weights = [each for each in network.parameters() if each.dim() == 4]
    expected = [weight.detach().double() for weight in weights]
    norms = [weight.norm() for weight in expected]
    momenta = [torch.zeros_like(weight) for weight in expected]

    for step, factor in enumerate((0.2, 1.0, 0.5)):
        set_gradients(network, step)
        for index, weight in enumerate(weights):
            gradient = weight.grad.double()
            momenta[index] = 0.9 * momenta[index] + gradient
            update = orthogonalized((gradient + 0.9 * momenta[index]).flatten(1))
            update = update.view(weight.shape) / update.norm()
            stretched = expected[index] * norms[index] / expected[index].norm()
            expected[index] = stretched - 0.05 * factor * norms[index] * update
        optimizer.step(factor)

        for weight, by_hand in zip(weights, expected, strict=True):
            torch.testing.assert_close(weight.detach().double(), by_hand, rtol=1e-5, atol=1e-6)


def test_what_is_no_convolution_moves_as_under_sgd():
    ours, theirs = small_network(), small_network()
    optimizers = (
        make_optimizer(ours, recipe(optimizer="muon")),
        make_optimizer(theirs, recipe(optimizer="sgd")),
    )

    for step in range(3):
        for network, optimizer in zip((ours, theirs), optimizers, strict=True):
            set_gradients(network, step)
            optimizer.step(0.5)

    pairs = [*zip(ours.parameters(), theirs.parameters(), strict=True)]
    assert [torch.equal(*pair) for pair in pairs] == [pair[0].dim() != 4 for pair in pairs]


def test_without_a_gradient_a_weight_stays():
    network = small_network()
    start = [parameter.detach().clone() for parameter in network.parameters()]
    optimizer = make_optimizer(network, recipe(optimizer="muon", weight_decay=0))
    for parameter in network.parameters():
        parameter.grad = torch.zeros_like(parameter)

    optimizer.step(1.0)

    for parameter, before in zip(network.parameters(), start, strict=True):
        torch.testing.assert_close(parameter.detach(), before, rtol=1e-6, atol=0)


@pytest.mark.parametrize("depth", DEPTHS)
@pytest.mark.parametrize("stem", ["imagenet", "half", "cifar"])
def test_muon_has_the_convolutions_before_layer_4(depth, stem):
    full = meta_network(NetworkShape(depth, 10, stem, 32))
    names = [name for name, each in compact(full, 32).named_parameters() if suits_muon(each)]
    convolutions = [name for name, each in full.named_parameters() if each.dim() == 4]

    # Of projections, those with 512 numbers at both sides of the matrix are out.
    projection = f"layer{4 if depth < 50 else 3}.0.downsample.0.weight"
    expected = [name for name in convolutions if not name.startswith("layer4")]
    expected = [*expected, projection] if depth < 50 else [n for n in expected if n != projection]
    assert names == expected
