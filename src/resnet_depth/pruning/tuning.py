"""Bringing a pruned network back: batch norms recalibrated, then all weights tuned."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from resnet_depth.networks.prediction import Images
from resnet_depth.pruning.weights import Zeros
from resnet_depth.training.loop import TrainingLoop, steps_an_epoch
from resnet_depth.training.optimization.divergence import as_mistake
from resnet_depth.training.settings import RecipeSettings

# Images at once in recalibration: the more, the nearer a batch's statistics are to all images'.
RECALIBRATION_BATCH = 500


def with_smaller_steps(recipe: RecipeSettings, factor: float) -> RecipeSettings:
    """Return a recipe whose step sizes, `lr` and `muon_lr`, are multiplied by a factor.

    A schedule that begins anew at the rate of untrained weights throws away what training with a
    falling rate had won (Renda et al. 2020, arXiv:2003.02389, compare rates to tune by).
    """
    rates = {name: factor * getattr(recipe, name) for name in ("lr", "muon_lr")}
    return recipe.model_copy(update=rates)


@dataclass(frozen=True)
class Tuning:
    """How a run's networks are tuned, by a recipe from its first step on.

    Attributes:
        recipe: The one that trained them, with smaller steps; `epochs` takes the place of its own.
        epochs: Passes over the images, over which the recipe's schedule is spread.
        seed: The run's, of order and augmentation.
        images: Of the training part, on the device.
        labels: Their class indices, shape (n,).
        device: Of all.
    """

    recipe: RecipeSettings
    epochs: int
    seed: int
    images: Images
    labels: NDArray[np.uint8]
    device: torch.device

    def tune(
        self,
        network: nn.Module,
        title: str,
        after_step: Callable[[int], None],
        *,
        keep_zeros: bool,
    ) -> nn.Module:
        """Train a network further, and return it, or its average where the recipe has one.

        Its batch norms are recalibrated again at the end: running statistics lag behind weights
        that move, and a short training is over before they have caught up.

        Args:
            network: In fast form on the device; changed in place.
            title: What is tuned, for the error.
            after_step: Called with the number of images, at the end with that of recalibration,
                too; may end the work by an exception.
            keep_zeros: Whether weights that are zero stay so.

        Raises:
            UserError: If the training diverged.
        """
        loop = TrainingLoop(
            *(self.recipe, self.epochs, self.seed, network),
            *(self.images, self.labels, self.device),
        )
        # An average, too: an optimizer that looks at whole matrices moves zeros between two calls.
        kept = {id(each): Zeros(each) for each in (network, loop.trained) if keep_zeros}

        def after(count: int) -> None:
            for zeros in kept.values():
                zeros.restore()
            after_step(count)

        for epoch in range(1, self.epochs + 1):
            with as_mistake(
                f"{title}, epoch {epoch} of tuning",
                self.recipe,
            ):
                loop.run_epoch(after)
        recalibrate(loop.trained, self.images, after_step)
        return loop.trained


@torch.no_grad()
def recalibrate(network: nn.Module, images: Images, after_batch: Callable[[int], None]) -> None:
    """Take the running statistics of all batch norms anew, as means over batches of all images.

    What a layer puts out shifts when channels before it go, and its old statistics no longer fit.
    Weights stay as they are. A last batch of one image, which has no variance, is left out.

    Args:
        network: On the device of the images, in any form; changed in place.
        images: As they are, without augmentation.
        after_batch: Called with the number of images; may end the work by an exception.
    """
    norms = [layer for layer in network.modules() if isinstance(layer, nn.BatchNorm2d)]
    momenta = [norm.momentum for norm in norms]
    network.train()
    seen = 0
    for step in range(steps_an_epoch(len(images), RECALIBRATION_BATCH)):
        start = step * RECALIBRATION_BATCH
        batch = images.normalize(images.slice(start, start + RECALIBRATION_BATCH))
        seen += len(batch)
        for norm in norms:
            # A mean over all that were seen, each batch by its size.
            norm.momentum = len(batch) / seen
        network(batch)
        after_batch(len(batch))
    for norm, momentum in zip(norms, momenta, strict=True):
        norm.momentum = momentum
