"""Random changes of a batch of training images, as tensor operations."""

import torch
from torch import Tensor

from resnet_depth.training.settings import AugmentationSettings


def augment(images: Tensor, settings: AugmentationSettings, generator: torch.Generator) -> Tensor:
    """Return the batch with each image changed at random, as the settings say.

    The order is that of most CIFAR-10 recipes (He et al., "Deep Residual Learning for Image
    Recognition" (2015), arXiv:1512.03385, section 4.2): a crop of the padded image, then a flip.

    Args:
        images: uint8, shape (n, 3, height, width), on any device.
        settings: Which changes; with all switched off the batch itself is returned and nothing
            is drawn.
        generator: CPU generator that all draws come from, so that they are the same on every
            device.

    Returns:
        Tensor of the same shape, type and device. Padding is black.
    """
    if settings.crop_padding:
        images = _random_crop(images, settings.crop_padding, generator)
    if settings.flip == "horizontal":
        flipped = torch.rand(len(images), generator=generator) < 0.5
        flipped = flipped.to(images.device)[:, None, None, None]
        images = torch.where(flipped, images.flip(-1), images)
    return images


def _random_crop(images: Tensor, padding: int, generator: torch.Generator) -> Tensor:
    """Return a crop of the original size at a random place of each image padded with zeros."""
    count, _, height, width = images.shape
    offsets = torch.randint(0, 2 * padding + 1, (2, count, 1), generator=generator)
    offsets = offsets.to(images.device)
    rows = offsets[0] + torch.arange(height, device=images.device)
    columns = offsets[1] + torch.arange(width, device=images.device)
    padded = torch.nn.functional.pad(images, (padding,) * 4)
    image = torch.arange(count, device=images.device)[:, None, None]
    # Advanced indexing around the channels puts them last: (n, height, width, 3).
    cropped = padded[image, :, rows[:, :, None], columns[:, None, :]]
    return cropped.permute(0, 3, 1, 2)
