"""Training as most people write it, to be compared with; no stage uses it.

torchvision's network in torch's default layout, torch's Adam as it comes, and a dataset of images
that are decoded, turned into tensors and normalised one by one.
"""

from collections.abc import Callable, Iterable, Iterator
from itertools import cycle, islice
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset
from torchvision import transforms

BATCHES_IN_MEMORY = 16


class PilImages(Dataset[tuple[Tensor, int]]):
    """Images one by one, as torchvision's CIFAR10 gives them with the usual transforms."""

    def __init__(
        self,
        pixels: NDArray[np.uint8],
        labels: NDArray[np.uint8],
        mean: tuple[float, ...],
        std: tuple[float, ...],
    ) -> None:
        """Keep images of shape (n, height, width, 3) and their classes, of shape (n,).

        `mean` and `std` are of each channel, as fractions of 255.
        """
        self._pixels, self._labels = pixels, labels
        steps = [transforms.ToTensor(), transforms.Normalize(mean, std)]
        self._transform = transforms.Compose(steps)

    def __len__(self) -> int:
        """Return the number of images."""
        return len(self._pixels)

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        """Return a normalised image, float32 of shape (3, height, width), and its class."""
        image = Image.fromarray(self._pixels[index])
        return self._transform(image), int(self._labels[index])


def loaded(loader: DataLoader[Any]) -> Iterator[list[Tensor]]:
    """Yield a loader's batches; without end, epoch after epoch."""
    while True:
        yield from loader


def in_memory(loader: DataLoader[Any]) -> Iterator[list[Tensor]]:
    """Return a few of a loader's batches, made beforehand, again and again."""
    return cycle(list(islice(loader, BATCHES_IN_MEMORY)))


def train_plainly(
    network: nn.Module,
    batches: Iterable[list[Tensor]],
    lr: float,
    device: torch.device,
    after_step: Callable[[int], None],
) -> None:
    """Train for as long as there are batches, of images and labels; `network` is on the device.

    `after_step`, called with the number of images after every step, may end it by an exception.
    """
    optimizer = torch.optim.Adam(network.parameters(), lr=lr)
    loss_function = nn.CrossEntropyLoss()
    network.train()
    running_loss = 0.0
    for batch, targets in batches:
        images, labels = batch.to(device), targets.to(device)
        optimizer.zero_grad()
        loss = loss_function(network(images), labels)
        loss.backward()
        optimizer.step()
        running_loss += loss.item()
        after_step(len(labels))
