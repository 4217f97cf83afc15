"""Sections `recipes`, how a network is made and trained, and `train`, where that runs."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import ConfigDict, Field, model_validator

from resnet_depth.base.messages import quoted
from resnet_depth.base.sections import (
    Device,
    EpochsFactor,
    Section,
    Threads,
    check,
    missing,
    parsed_section,
)
from resnet_depth.networks.shape import Stem

# What `weights` says where a network is trained from scratch.
FROM_SCRATCH = "none"
# Up to where a network stays as it is; the last two mean the same.
Freeze = Literal["none", "layer1", "layer2", "layer3", "layer4", "all_but_fc"]

# The recipe that every key which another one leaves out is taken from.
REFERENCE = "reference"


class TrainSettings(Section):
    """Where training runs, which is no part of a recipe."""

    device: Device
    threads: Threads


class DatasetTraining(Section):
    """What training reads of a dataset's entry; the rest says where its images come from."""

    model_config = ConfigDict(extra="ignore")

    epochs_factor: EpochsFactor


class RecipeSettings(Section):
    """All that decides how a network is made and trained, apart from depth, images and seed."""

    stem: Stem = Field(
        description="imagenet (7×7 stride 2, max-pool), half (3×3 stride 2) or cifar (3×3 stride 1)"
    )
    image_size: int = Field(
        ge=8, le=1024, description="a whole number of pixels a side from 8 to 1024"
    )
    zero_init_residual: bool = Field(
        description="true (residual blocks begin as their shortcuts) or false"
    )
    weights: str = Field(
        pattern=r"^[a-z][a-z0-9_]*$",
        description="none (from scratch), imagenet (torchvision's) or a key of section weights",
    )
    freeze: Freeze = Field(
        description="none, layer1, layer2, layer3, layer4 or all_but_fc: up to where the weights "
        "it starts from stay as they are"
    )
    train_fraction: float = Field(
        gt=0,
        le=1,
        strict=False,
        description="a share above 0, at most 1, of each class's training images",
    )
    epochs: int = Field(ge=1, description="a whole number of passes over the images, at least 1")
    batch_size: int = Field(
        ge=2, le=65536, description="a whole number of images a step, 2 to 65536"
    )
    optimizer: Literal["adam", "adamw", "sgd", "muon"] = Field(
        description="adam, adamw, sgd (with Nesterov's momentum) or muon"
    )
    lr: float = Field(
        gt=0, le=10, description="a number above 0, at most 10: the largest step size"
    )
    momentum: float = Field(
        ge=0, lt=1, strict=False, description="a number from 0, below 1; of sgd and muon"
    )
    muon_lr: float = Field(
        gt=0,
        lt=1,
        description="a number above 0, below 1: muon's step, as a share of a weight's norm",
    )
    weight_decay: float = Field(
        ge=0, le=10, strict=False, description="a number from 0 to 10; biases and norms are spared"
    )
    bias_lr_factor: float = Field(
        gt=0, le=1000, strict=False, description="a number above 0, at most 1000"
    )
    gradient_clip: float = Field(
        ge=0, strict=False, description="0 (none) or the largest norm of all gradients together"
    )
    schedule: Literal["constant", "cosine", "one_cycle", "step"] = Field(
        description="constant, cosine, one_cycle (up by the warm-up, then down) or step"
    )
    warmup_epochs: float = Field(
        ge=0, strict=False, description="a number of epochs, 0 or more, not all; for all schedules"
    )
    warmup_fraction: float = Field(
        ge=0,
        lt=1,
        strict=False,
        description="a share of all steps from 0, below 1, in place of warmup_epochs",
    )
    one_cycle_down: Literal["cosine", "linear"] = Field(description="cosine or linear")
    step_epochs: tuple[int, ...] = Field(
        strict=False, description="a list of epochs, ascending, after which schedule step lowers lr"
    )
    step_factor: float = Field(
        gt=0, lt=1, description="a number above 0, below 1, that schedule step multiplies lr by"
    )
    label_smoothing: float = Field(ge=0, lt=1, strict=False, description="a number from 0, below 1")
    ema: float = Field(
        ge=0,
        lt=1,
        strict=False,
        description="0 (none) or the share, below 1, of the average that each step keeps",
    )
    flip: Literal["none", "random", "alternating"] = Field(
        description="none, random or alternating (each image every other epoch)"
    )
    crop_padding: int = Field(
        ge=0, le=64, description="a whole number of pixels from 0 (no random crop) to 64"
    )
    crop_fill: Literal["reflect", "zero"] = Field(description="reflect or zero")
    trivial_augment: bool = Field(
        description="true (one change of a table, such as a rotation, for each image) or false"
    )
    cutout: int = Field(
        ge=0, le=1024, description="a whole number of pixels a side from 0 (none) to 1024"
    )
    mixup: float = Field(
        ge=0, le=100, strict=False, description="0 (none) or Beta's parameter, at most 100"
    )
    cutmix: float = Field(
        ge=0, le=100, strict=False, description="0 (none) or Beta's parameter, at most 100"
    )

    @model_validator(mode="after")
    def _fits(self) -> Self:
        """Refuse pairs of values that don't go together."""
        if self.freeze != "none" and self.weights == FROM_SCRATCH:
            raise ValueError(
                f"freeze is {self.freeze}, but weights is none; set freeze to none, or weights to "
                "what was trained"
            )
        if self.warmup_epochs and self.warmup_fraction:
            raise ValueError("warmup_epochs and warmup_fraction are both given; set one to 0")
        if self.warmup_epochs >= self.epochs:
            raise ValueError(
                f"warmup_epochs is {self.warmup_epochs:g}; allowed: less than epochs, "
                f"{quoted(self.epochs)}"
            )
        if self.mixup and self.cutmix:
            raise ValueError("mixup and cutmix are both given; set one to 0")
        steps = list(self.step_epochs)
        if steps != sorted(set(steps)) or min(steps, default=1) < 1:
            raise ValueError(f"step_epochs is {quoted(steps)}; allowed: epochs from 1, ascending")
        if self.schedule == "step" and min(steps, default=self.epochs) >= self.epochs:
            raise ValueError(
                f"step_epochs is {quoted(steps)}; allowed: an epoch below epochs, "
                f"{quoted(self.epochs)}, at least"
            )
        return self


def whole_recipe(recipes: Mapping[str, Any], name: str) -> Any:
    """Return a recipe's keys with those of `reference` that it leaves out.

    `recipes` is section `recipes` as it was parsed, hence of any form: what is no mapping is
    returned as it is, to be refused by who checks it.
    """
    own, reference = recipes[name], recipes.get(REFERENCE)
    if not isinstance(own, dict) or not isinstance(reference, dict):
        return own
    return {**reference, **own}


def load_recipe(params: Path, name: str) -> RecipeSettings:
    """Return a recipe of the settings file, whole.

    Raises:
        UserError: One line for each wrong value, naming file, key, value and what is allowed.
    """
    recipes = parsed_section(params, "recipes")
    section = f"recipes.{name}"
    if not isinstance(recipes, dict) or name not in recipes:
        raise missing(params, section, RecipeSettings)
    return check(params, section, whole_recipe(recipes, name), RecipeSettings)
