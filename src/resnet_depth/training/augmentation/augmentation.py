"""What happens to the bytes of single training images: crops, flips and more."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from resnet_depth.networks.prediction import Images
from resnet_depth.training.augmentation.crops import crops_by_pixel, crops_by_window, pad
from resnet_depth.training.augmentation.squares import squares
from resnet_depth.training.augmentation.trivial_augment import CHANGES, trivial_augment
from resnet_depth.training.seeding import Stream, epoch_generator
from resnet_depth.training.settings import RecipeSettings


class Augmentation:
    """Crops, flips, TrivialAugment and cutouts of a run's training images, of their bytes.

    The order is that of most CIFAR-10 recipes (He et al., "Deep Residual Learning for Image
    Recognition" (2015), arXiv:1512.03385, section 4.2): a crop of the padded image, then a flip;
    then the others. A cutout is a square around a random pixel, cut off at the borders (DeVries and
    Taylor, "Improved Regularization of Convolutional Neural Networks with Cutout" (2017),
    arXiv:1708.04552). It has the mean colour in whole numbers: network input is 0 there to within
    half a step of brightness.
    """

    def __init__(self, recipe: RecipeSettings, seed: int, images: Images) -> None:
        """Pad the images, if there are crops; `begin` comes before the first batch.

        Of all at once, which takes their memory again and some more, but no time in any step.
        """
        self._recipe, self._seed, self._images = recipe, seed, images
        self._size = (images.pixels.shape[1], images.pixels.shape[2])
        self._padded = pad(images.pixels, recipe.crop_padding, recipe.crop_fill)
        # Of every pixel: that is several times as fast to paint with.
        self._colour = images.mean_colour.repeat(*self._size, 1)
        self._flipped = self._corners = self._chosen = self._centres = torch.empty(0)

    def begin(self, epoch: int) -> None:
        """Draw what happens to each image in an epoch, counted from 0.

        Flips are `random`: each image is mirrored with a probability of one half; or
        `alternating`: in every other epoch, one random half of the images from the first on, the
        others from the second (airbench: Jordan, "94% on CIFAR-10 in 3.29 Seconds on a Single GPU"
        (2024), arXiv:2404.00498).
        """
        count, recipe = len(self._images), self._recipe
        if recipe.flip != "none":
            random = recipe.flip == "random"
            flipped = self._epoch(Stream.FLIP, epoch if random else 0).random(count) < 0.5
            self._flipped = self._on_device(flipped if random else flipped ^ bool(epoch % 2))
        if recipe.crop_padding:
            places = 2 * recipe.crop_padding + 1
            drawn = self._epoch(Stream.CROP, epoch).integers(0, places, (2, count))
            self._corners = self._on_device(drawn)
        if recipe.trivial_augment:
            drawn = self._epoch(Stream.TRIVIAL_AUGMENT, epoch).integers(0, len(CHANGES), count)
            self._chosen = torch.from_numpy(drawn)
        if recipe.cutout:
            draw = self._epoch(Stream.CUTOUT, epoch)
            drawn = np.stack([draw.integers(0, side, count) for side in self._size])
            self._centres = self._on_device(drawn)

    def batch(self, indices: Tensor) -> Tensor:
        """Return images by index, changed: uint8, shape (indices, 3, height, width), channels last.

        With everything off they are the images themselves.
        """
        recipe = self._recipe
        kinds = recipe.crop_padding, recipe.flip != "none", recipe.trivial_augment, recipe.cutout
        if not any(kinds):
            return self._images.select(indices)
        flipped = self._flipped[indices] if recipe.flip != "none" else None
        corners = self._corners[:, indices] if recipe.crop_padding else None
        pick = crops_by_window if self._padded.device.type == "cpu" else crops_by_pixel
        batch = pick(self._padded, self._size, indices, corners, flipped)
        if recipe.trivial_augment:
            # On the CPU, wherever the images are.
            chosen = self._chosen[indices.cpu()].numpy()
            changed = trivial_augment(batch.cpu().numpy(), chosen)
            batch = torch.from_numpy(changed).to(batch.device)
        if recipe.cutout:
            square = squares(self._centres[:, indices], recipe.cutout, self._size)
            # Bytes wrap around, so that what is 1 there becomes the colour exactly.
            batch += square.mul_(self._colour - batch)
        return batch.permute(0, 3, 1, 2)

    def _epoch(self, stream: Stream, epoch: int) -> np.random.Generator:
        return epoch_generator(self._seed, stream, epoch)

    def _on_device(self, drawn: NDArray[np.generic]) -> Tensor:
        return torch.from_numpy(drawn).to(self._padded.device)
