"""From images to logits: the input a network was trained on, and its outputs."""

from collections.abc import Callable, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.functional import interpolate


class Images:
    """Images that stay on the device as bytes and are made network input batch by batch."""

    def __init__(
        self,
        pixels: NDArray[np.uint8],
        mean: tuple[float, ...],
        std: tuple[float, ...],
        device: torch.device,
        size: int | None = None,
    ) -> None:
        """Put the images on the device.

        Args:
            pixels: Shape (n, height, width, 3).
            mean: Of each channel over the training part, as fractions of 255.
            std: Likewise, over pixels. A channel that never varies (0) is centred, not scaled.
            device: Where batches are wanted.
            size: Pixels a side of network input; None: as the images are.
        """
        self._size = (size, size) if size else pixels.shape[1:3]
        self._pixels = torch.from_numpy(pixels).to(device)
        scale = [value or 1.0 for value in std]
        self._mean, self._std = (
            _everywhere(values, pixels.shape, device) for values in (mean, scale)
        )

    def __len__(self) -> int:
        """Return the number of images."""
        return len(self._pixels)

    @property
    def pixels(self) -> Tensor:
        """All images: uint8, shape (n, height, width, 3), on the device. Not a copy."""
        return self._pixels

    @property
    def mean_colour(self) -> Tensor:
        """The mean of each channel as a colour: uint8, shape (3,), rounded, on the device."""
        return self._mean[0, :, 0, 0].round().to(torch.uint8)

    def select(self, indices: Tensor) -> Tensor:
        """Return images by index: uint8, shape (indices, 3, height, width), channels last."""
        return self._pixels.index_select(0, indices).permute(0, 3, 1, 2)

    def slice(self, start: int, stop: int) -> Tensor:
        """Return consecutive images, shaped as by `select`."""
        return self._pixels[start:stop].permute(0, 3, 1, 2)

    def normalize(self, batch: Tensor) -> Tensor:
        """Return a uint8 batch as network input: minus the mean, over the std, then scaled.

        Scaling to the size of network input is bilinear and, where it makes an image smaller,
        averages over all pixels that fall together, as preparation does. Images that have the
        size already stay as they are.

        Args:
            batch: Shape (n, 3, height, width) with the images' own height and width.

        Returns:
            float32, shape (n, 3, size, size), channels last.
        """
        images = batch.to(torch.float32).sub_(self._mean).div_(self._std)
        if images.shape[2:] == self._size:
            return images
        scaled = interpolate(
            images, self._size, mode="bilinear", align_corners=False, antialias=True
        )
        return scaled.contiguous(memory_format=torch.channels_last)


def _everywhere(values: Sequence[float], shape: tuple[int, ...], device: torch.device) -> Tensor:
    """Return channel values, times 255, for every pixel of images of shape (n, height, width, 3).

    That is several times as fast to work with.
    """
    scaled = (torch.tensor(values, dtype=torch.float64) * 255).float().to(device)
    return scaled.expand(1, *shape[1:]).contiguous().permute(0, 3, 1, 2)


@torch.inference_mode()
def predict_logits(
    network: nn.Module,
    images: Images,
    batch_size: int,
    after_batch: Callable[[], None] = lambda: None,
) -> Tensor:
    """Return the logits of all images in order, float32, shape (n, classes), on the CPU.

    The network is put in evaluation mode: batch norm uses its running statistics.

    Args:
        network: On the device of the images.
        images: At least one.
        batch_size: Images at once; bounds the memory used and leaves the result as it is, up to
            round-off.
        after_batch: Called after each; may end the work by an exception.
    """
    network.eval()
    logits = []
    for start in range(0, len(images), batch_size):
        batch = images.slice(start, start + batch_size)
        logits.append(network(images.normalize(batch)))
        after_batch()
    return torch.cat(logits).cpu()
