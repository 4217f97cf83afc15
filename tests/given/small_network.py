"""A network of a few hundred weights with all kinds of parameters, and a recipe to change."""

import torch
from torch import nn
from torch.nn.functional import cross_entropy

from resnet_depth.training.settings import RecipeSettings


def recipe(**changes):
    values = {
        "stem": "imagenet",
        "image_size": 32,
        "zero_init_residual": False,
        "epochs": 5,
        "batch_size": 64,
        "optimizer": "adam",
        "lr": 1e-2,
        "momentum": 0.9,
        "muon_lr": 0.05,
        "weight_decay": 0.1,
        "bias_lr_factor": 4,
        "gradient_clip": 0,
        "schedule": "constant",
        "warmup_epochs": 0,
        "warmup_fraction": 0,
        "one_cycle_down": "linear",
        "step_epochs": [],
        "step_factor": 0.1,
        "label_smoothing": 0,
        "ema": 0,
        "flip": "none",
        "crop_padding": 0,
        "crop_fill": "zero",
        "cutout": 0,
        "mixup": 0,
        "cutmix": 0,
    }
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
