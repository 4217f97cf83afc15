"""Random changes of training images, of whole batches at once.

What happens to an image is drawn by the run's seed, the epoch and the image's index alone: batch
size, order and device have no part in it, and a run that goes on elsewhere needs no state. Each
kind of change has a stream of its own, so that switching on one leaves the draws of others.
"""

from typing import NamedTuple

import numpy as np
import torch
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from torch import Tensor

from resnet_depth.data.prepared import CHANNELS
from resnet_depth.networks.prediction import Images
from resnet_depth.training.seeding import Stream, epoch_generator
from resnet_depth.training.settings import RecipeSettings


class Augmentation:
    """Crops, flips and cutouts of a run's training images, of their bytes.

    The order is that of most CIFAR-10 recipes (He et al., "Deep Residual Learning for Image
    Recognition" (2015), arXiv:1512.03385, section 4.2): a crop of the padded image, then a flip;
    then the cutout.
    """

    def __init__(self, recipe: RecipeSettings, seed: int, images: Images) -> None:
        """Pad the images, if there are crops; `begin` comes before the first batch.

        Padding mirrors an image at its outermost pixels, or is black; of all images at once, which
        takes their memory again and some more, but no time in any step.
        """
        self._recipe, self._seed, self._images = recipe, seed, images
        self._size = (images.pixels.shape[1], images.pixels.shape[2])
        self._padded = _padded(images.pixels, recipe.crop_padding, recipe.crop_fill)
        # Of every pixel: that is several times as fast to paint with.
        self._colour = images.mean_colour.repeat(*self._size, 1)
        self._flipped = self._corners = self._centres = torch.empty(0)

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
        if recipe.cutout:
            draw = self._epoch(Stream.CUTOUT, epoch)
            drawn = np.stack([draw.integers(0, side, count) for side in self._size])
            self._centres = self._on_device(drawn)

    def batch(self, indices: Tensor) -> Tensor:
        """Return images by index, changed: uint8, shape (indices, 3, height, width), channels last.

        With everything off they are the images themselves.
        """
        recipe = self._recipe
        if not recipe.crop_padding and recipe.flip == "none" and not recipe.cutout:
            return self._images.select(indices)
        flipped = self._flipped[indices] if recipe.flip != "none" else None
        corners = self._corners[:, indices] if recipe.crop_padding else None
        pick = crops_by_window if self._padded.device.type == "cpu" else crops_by_pixel
        batch = pick(self._padded, self._size, indices, corners, flipped)
        if recipe.cutout:
            square = squares(self._centres[:, indices], recipe.cutout, self._size)
            # Bytes wrap around, so that what is 1 there becomes the colour exactly.
            batch += square.mul_(self._colour - batch)
        return batch.permute(0, 3, 1, 2)

    def _epoch(self, stream: Stream, epoch: int) -> np.random.Generator:
        return epoch_generator(self._seed, stream, epoch)

    def _on_device(self, drawn: NDArray[np.generic]) -> Tensor:
        return torch.from_numpy(drawn).to(self._padded.device)


class Mixed(NamedTuple):
    """A batch of mixtures: each image with another of the batch, its partner.

    `images` is shaped as the batch; `partner` holds each partner's place in the batch and `share`,
    float32 in [0, 1], what is left of the image itself; both have the shape (n,). The label of a
    mixture is `share` of the image's own and, for the rest, its partner's.
    """

    images: Tensor
    partner: Tensor
    share: Tensor


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

    def mix(self, batch: Tensor, indices: Tensor) -> Mixed | None:
        """Return a batch mixed, or None if the recipe mixes nothing.

        Mixup is the weighted mean of the two images (Zhang et al., "mixup: Beyond Empirical Risk
        Minimization" (2018), arXiv:1710.09412). Cutmix puts a square of the partner, of one minus
        the share of the area, around a random pixel of the image; what lies outside is cut off and
        the share is that of the pixels left (Yun et al., "CutMix" (2019), arXiv:1905.04899).

        Args:
            batch: float32, shape (n, 3, image_size, image_size).
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
            return None
        partner = torch.arange(len(batch), device=batch.device).roll(1)
        # In place: memory of this size is given back and asked for anew each time.
        return Mixed(batch.roll(1, 0).lerp_(batch, weights), partner, shares)


def crops_by_window(
    padded: Tensor,
    size: tuple[int, int],
    indices: Tensor,
    corners: Tensor | None,
    flipped: Tensor | None,
) -> Tensor:
    """Return crops of some images, those that are to be flipped mirrored left to right.

    On the CPU only, where it takes a tenth of what `crops_by_pixel` does: rows are copied whole.

    Args:
        padded: All images, padded: uint8, shape (all, padded height, padded width, 3).
        size: Height and width of a crop.
        indices: Of the images to take, shape (n,).
        corners: Row and column where each image's crop begins, shape (2, n); None: 0.
        flipped: Whether each crop is mirrored, shape (n,); None: no.

    Returns:
        uint8, shape (n, height, width, 3).
    """
    # Elements are whole pixels.
    pixels = padded.numpy().view(f"V{CHANNELS}")[..., 0]
    windows = sliding_window_view(pixels, size, axis=(1, 2))
    top, left = (0, 0) if corners is None else corners.numpy()
    crops = windows[indices.numpy(), top, left]
    if flipped is not None:
        mirrored = np.flatnonzero(flipped.numpy())
        crops[mirrored] = crops[mirrored, :, ::-1]
    return torch.from_numpy(crops.view(np.uint8)).view(*crops.shape, -1)


def crops_by_pixel(
    padded: Tensor,
    size: tuple[int, int],
    indices: Tensor,
    corners: Tensor | None,
    flipped: Tensor | None,
) -> Tensor:
    """Return what `crops_by_window` does, on any device."""
    (height, width), device = size, padded.device
    rows = torch.arange(height, device=device)[None]
    columns = torch.arange(width, device=device)[None]
    if flipped is not None:
        columns = torch.where(flipped[:, None], columns.flip(1), columns)
    if corners is not None:
        rows, columns = rows + corners[0][:, None], columns + corners[1][:, None]
    rows = indices[:, None] * padded.shape[1] + rows
    places = rows[:, :, None] * padded.shape[2] + columns[:, None, :]
    return padded.flatten(0, 2).index_select(0, places.flatten()).view(*places.shape, -1)


def squares(centres: Tensor, sides: Tensor | int, size: tuple[int, int]) -> Tensor:
    """Return which pixels lie in each image's square: uint8, 1 or 0, shape (n, *size, 3).

    Each pixel's is told once a channel, and as a number: reckoning with it is several times as fast
    as choosing by booleans.

    Args:
        centres: Row and column of the pixel in the middle, or right and below of it, shape (2, n).
        sides: Pixels a side, shape (n,), or of all. What lies outside the image is cut off.
        size: Height and width of an image.
    """
    begins = centres - sides // 2
    ends = begins + sides
    rows, columns = (_between(begins[axis], ends[axis], size[axis]) for axis in (0, 1))
    columns = columns.repeat_interleave(CHANNELS, dim=1)
    return (rows[:, :, None] * columns[:, None, :]).view(-1, *size, CHANNELS)


def _between(begins: Tensor, ends: Tensor, length: int) -> Tensor:
    """Return 1 for places from each begin on and before its end, else 0: uint8, (n, length)."""
    places = torch.arange(length, device=begins.device)
    return ((places >= begins[:, None]) & (places < ends[:, None])).to(torch.uint8)


def _padded(pixels: Tensor, padding: int, fill: str) -> Tensor:
    """Return images, shape (n, height, width, 3), padded on all sides by so many pixels."""
    if not padding:
        return pixels
    around = ((0, 0), (padding, padding), (padding, padding), (0, 0))
    # NumPy mirrors on and on where the padding is wider than the image; torch refuses it.
    mode = {"reflect": "reflect", "zero": "constant"}[fill]
    padded: NDArray[np.uint8] = np.pad(pixels.cpu().numpy(), around, mode=mode)  # type: ignore[call-overload]
    return torch.from_numpy(padded).to(pixels.device)
