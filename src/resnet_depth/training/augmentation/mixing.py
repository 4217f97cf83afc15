"""Mixtures of two images and their labels: mixup and cutmix."""

import numpy as np
import torch
from torch import Tensor

from resnet_depth.training.augmentation.squares import squares
from resnet_depth.training.loss import Mixture
from resnet_depth.training.seeding import Stream, epoch_generator
from resnet_depth.training.settings import RecipeSettings


class Mixing:
    """Mixup or cutmix of a run's batches, of network input.

    Shares are drawn per image, not per batch: so they depend on the image and the epoch alone, a
    small batch isn't ruled by one draw, and it takes no longer. An image's partner is the one
    before it in the batch, which the epoch's order has made a random one, and never itself.
    """

    def __init__(self, recipe: RecipeSettings, seed: int, count: int, device: torch.device) -> None:
        """Prepare for `count` training images; `begin` comes before the first batch."""
        self._recipe, self._seed, self._count, self._device = recipe, seed, count, device
        self._shares = self._sides = self._centres = torch.empty(0)

    def begin(self, epoch: int) -> None:
        """Draw each image's share of its mixture in an epoch, counted from 0; of cutmix its square.

        Both draw the share from Beta(a, a), a being the recipe's `mixup` or `cutmix`.
        """
        recipe = self._recipe
        # A recipe has one of the two at most.
        parameter = recipe.mixup or recipe.cutmix
        if not parameter:
            return
        draw = epoch_generator(self._seed, Stream.MIXING, epoch)
        shares = draw.beta(parameter, parameter, self._count)
        sides = np.rint(np.sqrt(1 - shares) * recipe.image_size).astype(np.int64)
        centres = draw.integers(0, recipe.image_size, (2, self._count))
        self._shares = torch.from_numpy(shares).float().to(self._device)
        self._sides, self._centres = (
            torch.from_numpy(drawn).to(self._device) for drawn in (sides, centres)
        )

    def mix(self, batch: Tensor, labels: Tensor, indices: Tensor) -> tuple[Tensor, Mixture | None]:
        """Return a batch mixed and what with, or as it is and None if the recipe mixes nothing.

        Mixup is the weighted mean of the two images (Zhang et al., "mixup: Beyond Empirical Risk
        Minimization" (2018), arXiv:1710.09412). Cutmix puts a square of the partner, of one minus
        the share of the area, around a random pixel of the image; what lies outside is cut off and
        the share is that of the pixels left (Yun et al., "CutMix" (2019), arXiv:1905.04899).

        Args:
            batch: float32, shape (n, 3, image_size, image_size).
            labels: Class indices, shape (n,).
            indices: Which of the training images they are, shape (n,).
        """
        if self._recipe.mixup:
            shares = self._shares[indices]
            weights = shares[:, None, None, None]
        elif self._recipe.cutmix:
            height, width = batch.shape[2:]
            square = squares(self._centres[:, indices], self._sides[indices], (height, width))
            weights = (1 - square).float().permute(0, 3, 1, 2)
            shares = weights.mean((1, 2, 3))
        else:
            return batch, None
        # In place: memory of this size is given back and asked for anew each time.
        return batch.roll(1, 0).lerp_(batch, weights), Mixture(labels.roll(1), shares)
