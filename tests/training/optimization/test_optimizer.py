"""The optimizers are torch's own, bit for bit, and go on where another had to stop."""

import copy
import os
import subprocess
import sys

import pytest
import torch
from given.small_network import backward, recipe, small_network
from torch import nn

from resnet_depth.networks.compaction import compact, compact_convolution
from resnet_depth.networks.fast.form import to_fast_form
from resnet_depth.networks.live_taps import live_kernel
from resnet_depth.networks.resnet import PlacedConvolution
from resnet_depth.training.initial import initial_network
from resnet_depth.training.optimization.optimizer import OPTIMIZERS, make_optimizer

FACTORS = (0.3, 1.0, 0.7, 0.0, 0.1)
ALL_STEPS = range(len(FACTORS))


def train(network, optimizer, steps=ALL_STEPS):
    for step in steps:
        backward(network, step)
        optimizer.step(FACTORS[step])
    return network


def train_by_torch(network, groups, make, clip=0.0, **options):
    """The same steps by torch's optimizer of groups (parameters, rate, weight decay)."""
    optimizer = make(
        [{"params": params, "lr": rate, "weight_decay": decay} for params, rate, decay in groups],
        fused=True,
        **options,
    )
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: [*FACTORS, 0.0][step])
    for step in ALL_STEPS:
        optimizer.zero_grad()
        backward(network, step)
        if clip:
            nn.utils.clip_grad_norm_(network.parameters(), clip)
        optimizer.step()
        schedule.step()
    return network


def groups_of(network, lr, weight_decay, bias_lr_factor):
    named = dict(network.named_parameters())
    flat = {name: each for name, each in named.items() if each.dim() < 2}
    return [
        ([each for name, each in named.items() if name not in flat], lr, weight_decay),
        ([each for name, each in flat.items() if not name.endswith("bias")], lr, 0),
        ([each for name, each in flat.items() if name.endswith("bias")], lr * bias_lr_factor, 0),
    ]


def assert_equal(ours, theirs):
    expected = theirs.state_dict()
    for name, value in ours.state_dict().items():
        assert torch.equal(value, expected[name]), name


@pytest.mark.parametrize("weight_decay", [0, 0.1])
@pytest.mark.parametrize(
    ("changes", "make", "options"),
    [
        ({"optimizer": "adam"}, torch.optim.Adam, {}),
        ({"optimizer": "adamw"}, torch.optim.AdamW, {}),
        ({"optimizer": "sgd", "momentum": 0}, torch.optim.SGD, {}),
        ({"optimizer": "sgd"}, torch.optim.SGD, {"momentum": 0.9, "nesterov": True}),
    ],
    ids=["adam", "adamw", "sgd without momentum", "sgd"],
)
def test_steps_are_those_of_torchs_fused_optimizer(changes, make, options, weight_decay):
    ours = small_network()
    theirs = copy.deepcopy(ours)

    train(ours, make_optimizer(ours, recipe(weight_decay=weight_decay, **changes)))
    train_by_torch(theirs, groups_of(theirs, 1e-2, weight_decay, 4), make, **options)

    assert_equal(ours, theirs)
    assert all(parameter.grad is None for parameter in ours.parameters())


def test_the_references_steps_are_those_of_torchs_fused_adam_over_all_parameters():
    ours = initial_network(18, 10, "imagenet", seed=0).to(memory_format=torch.channels_last)
    theirs = copy.deepcopy(ours)
    adam = make_optimizer(ours, recipe(lr=1e-3, weight_decay=0, bias_lr_factor=1))
    reference = torch.optim.Adam(theirs.parameters(), lr=1e-3, fused=True)

    for step in range(3):
        backward(ours, step, classes=10, side=32)
        adam.step(1.0)
        reference.zero_grad()
        backward(theirs, step, classes=10, side=32)
        reference.step()

    assert_equal(ours, theirs)


@pytest.mark.parametrize("clip", [0.5, 1e3], ids=["above", "below"])
def test_gradients_are_clipped_to_the_norm_of_all_together_as_by_torch(clip):
    ours = small_network()
    theirs = copy.deepcopy(ours)

    train(ours, make_optimizer(ours, recipe(optimizer="sgd", gradient_clip=clip)))
    groups = groups_of(theirs, 1e-2, 0.1, 4)
    train_by_torch(theirs, groups, torch.optim.SGD, clip, momentum=0.9, nesterov=True)

    assert_equal(ours, theirs)


def test_weight_decay_spares_biases_and_norms_in_the_fast_form():
    network = to_fast_form(
        compact(initial_network(50, 10, "imagenet", 0), 32), 32, torch.device("cpu")
    )
    before = copy.deepcopy(network.state_dict())
    optimizer = make_optimizer(network, recipe(optimizer="sgd", momentum=0))

    for parameter in network.parameters():
        parameter.grad = torch.zeros_like(parameter)
    optimizer.step(1.0)

    for name, parameter in network.named_parameters():
        # Of all convolutions and fc, a step of 0.01 takes 0.01 · 0.1.
        spared = "bn" in name or "downsample.1" in name or name == "fc.bias"
        expected = before[name] * (1 if spared else 0.999)
        torch.testing.assert_close(parameter.detach(), expected, rtol=1e-6, atol=0)


def test_weight_decay_leaves_dead_taps_alone_which_torchs_would_shrink_without_any_effect():
    # Of a 3×3 kernel on a single pixel, the centre alone is alive.
    torch.manual_seed(0)
    layer, head = nn.Conv2d(3, 8, 3, padding=1, bias=False), nn.Linear(8, 5)
    kernel = live_kernel(PlacedConvolution("conv", layer, input_size=1, output_size=1))
    full = nn.Sequential(layer, nn.Flatten(), head)
    small = nn.Sequential(compact_convolution(layer, kernel), nn.Flatten(), copy.deepcopy(head))
    before = layer.weight.detach().clone()
    optimizer = make_optimizer(small, recipe(optimizer="sgd", bias_lr_factor=1))
    theirs = torch.optim.SGD(
        [
            {"params": [layer.weight, head.weight], "weight_decay": 0.1},
            {"params": [head.bias], "weight_decay": 0},
        ],
        lr=1e-2,
        momentum=0.9,
        nesterov=True,
    )

    for step in range(5):
        backward(full, step, side=1)
        assert not layer.weight.grad[..., 0, 0].any()
        backward(small, step, side=1)
        theirs.step()
        theirs.zero_grad()
        optimizer.step(1.0)

    images = torch.randn(8, 3, 1, 1)
    torch.testing.assert_close(small(images), full(images))
    torch.testing.assert_close(small[0].weight, layer.weight[kernel.window])
    dead = torch.ones_like(before).bool()
    dead[kernel.window] = False
    assert (layer.weight[dead].abs() < before[dead].abs()).all()
    # What isn't there can't shrink.
    assert [value.numel() for value in optimizer.state().values()] == [24, 40, 5]


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_repeated_training_and_a_resumed_one_end_with_the_same_bytes(name):
    settings = recipe(optimizer=name, gradient_clip=2.0)
    first, second = small_network(), small_network()
    optimizer, again = make_optimizer(first, settings), make_optimizer(second, settings)
    held = optimizer.state()
    train(first, optimizer, range(2))
    third, saved = copy.deepcopy(first), copy.deepcopy(optimizer.state())
    train(first, optimizer, range(2, 5))
    train(second, again)

    # Made of a network that has been trained, whose norms aren't the first ones.
    resumed = make_optimizer(third, settings)
    for key, value in resumed.state().items():
        assert value.is_contiguous()
        value.copy_(saved[key])
    train(third, resumed, range(2, 5))

    assert_equal(second, first)
    assert_equal(third, first)
    for state in (held, again.state(), resumed.state()):
        assert list(state) == list(optimizer.state())
        assert all(torch.equal(value, state[key]) for key, value in optimizer.state().items())


def test_no_optimizer_imports_a_compiler():
    # As torch.optim does, for 1.2 s and 157 MiB.
    script = """
import sys
from given.small_network import backward, recipe, small_network
from resnet_depth.training.optimization.optimizer import OPTIMIZERS, make_optimizer
for name in OPTIMIZERS:
    network = small_network()
    optimizer = make_optimizer(network, recipe(optimizer=name, gradient_clip=1.0))
    backward(network, 0)
    optimizer.step(1.0)
assert "torch._dynamo" not in sys.modules
"""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    subprocess.run([sys.executable, "-c", script], env=environment, check=True)
