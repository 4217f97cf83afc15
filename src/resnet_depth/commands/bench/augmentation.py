"""What each kind of augmentation costs: the time of a batch."""

import time
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor

from resnet_depth.commands.bench.contenders import IMAGE_SIZE, IMAGES, MEAN, STD, UNAUGMENTED
from resnet_depth.commands.bench.records import AugmentationCost
from resnet_depth.machine.device import synchronize
from resnet_depth.networks.prediction import Images
from resnet_depth.training.augmentation.augmentation import Augmentation
from resnet_depth.training.augmentation.mixing import Mixing
from resnet_depth.training.settings import RecipeSettings

OFF: dict[str, Any] = UNAUGMENTED | {"image_size": IMAGE_SIZE}
# What a recipe says beside that, by what the table calls it.
KINDS: dict[str, dict[str, Any]] = {
    "none": {},
    "random flip": {"flip": "random"},
    "alternating flip": {"flip": "alternating"},
    "crop, reflect": {"crop_padding": 4, "crop_fill": "reflect"},
    "crop, zero": {"crop_padding": 4, "crop_fill": "zero"},
    "flip and crop": {"flip": "alternating", "crop_padding": 2},
    "cutout": {"cutout": 8},
    "TrivialAugment": {"trivial_augment": True},
    "mixup": {"mixup": 0.2},
    "cutmix": {"cutmix": 1.0},
}
WARM_UP = 5


def augmentation_costs(
    reference: RecipeSettings, device: torch.device, batch_sizes: list[int], repeats: int = 50
) -> list[AugmentationCost]:
    """Measure each kind alone, the median of `repeats` batches of each size.

    What the kinds don't change is taken from the recipe. Images are random, as many as CIFAR-10
    has and chosen anew for each batch: where they lie in memory counts.
    """
    draw = np.random.default_rng(0)
    pixels = draw.integers(0, 256, (IMAGES, IMAGE_SIZE, IMAGE_SIZE, 3), dtype=np.uint8)
    images = Images(pixels, MEAN, STD, device)
    costs = []
    for kind, changes in KINDS.items():
        recipe = reference.model_copy(update=OFF | changes)
        for size in batch_sizes:
            step = _step(recipe, images, device, size)
            times = []
            for _ in range(WARM_UP + repeats):
                indices = torch.from_numpy(draw.integers(0, IMAGES, size)).to(device)
                synchronize(device)
                start = time.perf_counter()
                step(indices)
                synchronize(device)
                times.append(1000 * (time.perf_counter() - start))
            median = float(np.median(times[WARM_UP:]))
            costs.append(AugmentationCost(kind=kind, batch_size=size, milliseconds=median))
    return costs


def _step(
    recipe: RecipeSettings, images: Images, device: torch.device, size: int
) -> Callable[[Tensor], Any]:
    """Return what augments a batch of so many images, given their indices."""
    if recipe.mixup or recipe.cutmix:
        mixing = Mixing(recipe, 0, len(images), device)
        mixing.begin(0)
        # Network input, which is made in any case; for labels, any whole numbers do.
        batch = images.normalize(images.slice(0, size))
        return lambda indices: mixing.mix(batch, indices, indices)
    augmentation = Augmentation(recipe, 0, images)
    augmentation.begin(0)
    return augmentation.batch
