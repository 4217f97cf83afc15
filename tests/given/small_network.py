"""A network of a few hundred weights with all kinds of parameters, and a recipe to change."""

from pathlib import Path

import torch
from torch import nn
from torch.nn.functional import cross_entropy

from resnet_depth.training.settings import RecipeSettings, load_recipe

PARAMS = Path(__file__).parents[2] / "params.yaml"


def recipe(**changes):
    """The shipped reference, checked with changes: with decay, and with a rate for biases."""
    values = load_recipe(PARAMS, "reference").model_dump()
    values |= {"lr": 1e-2, "weight_decay": 0.1, "bias_lr_factor": 4, "one_cycle_down": "linear"}
    return RecipeSettings(**{**values, **changes})


def small_network():
    """Convolutions of one shape and of others, wide and tall, norms and biases; 8×8 images."""
    torch.manual_seed(0)
    layers = [nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.ReLU()]
    layers += [nn.Conv2d(8, 8, 3, padding=1, bias=False), nn.BatchNorm2d(8)]
    layers += [nn.Conv2d(8, 8, 3, padding=1, bias=False), nn.BatchNorm2d(8)]
    layers += [nn.Conv2d(8, 20, 1, bias=False), nn.AdaptiveAvgPool2d(1), nn.Flatten()]
    return nn.Sequential(*layers, nn.Linear(20, 5)).to(memory_format=torch.channels_last)


def backward(network, step, classes=5, side=8):
    images = torch.randn(8, 3, side, side, generator=torch.Generator().manual_seed(step))
    cross_entropy(network(images), torch.arange(8) % classes).backward()
