"""Training as most people write it, to be compared with; no stage uses it.

torchvision's network in torch's default layout, torch's Adam as it comes, and a dataset of images
that are decoded, turned into tensors and normalised one by one.
"""

from collections.abc import Callable, Iterable, Iterator
from itertools import cycle
from typing import Any

import numpy as np
import torch
import torchvision
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset
from torchvision import transforms

Batches = Iterable[tuple[Tensor, Tensor]]


class PilImages(Dataset[tuple[Tensor, int]]):
    """Images one by one, as torchvision's CIFAR10 gives them with the usual transforms."""

    def __init__(
        self,
        pixels: NDArray[np.uint8],
        labels: NDArray[np.uint8],
        mean: tuple[float, ...],
        std: tuple[float, ...],
    ) -> None:
        """Keep the images.

        Args:
            pixels: Shape (n, height, width, 3).
            labels: Class indices, shape (n,).
            mean: Of each channel, as fractions of 255.
            std: Likewise.
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


def loaded(images: PilImages, batch_size: int, workers: int) -> Batches:
    """Return batches of shuffled images; without end, epoch after epoch."""
    loader: DataLoader[Any] = DataLoader(
        images, batch_size=batch_size, shuffle=True, num_workers=workers
    )
    return _endless(loader)


def in_memory(images: PilImages, batch_size: int, batches: int = 16) -> Batches:
    """Return a few batches that were made beforehand, again and again."""
    loader: DataLoader[Any] = DataLoader(images, batch_size=batch_size)
    return cycle([batch for batch, _ in zip(loader, range(batches), strict=False)])


def _endless(loader: DataLoader[Any]) -> Iterator[tuple[Tensor, Tensor]]:
    while True:
        yield from loader


def plain_network(depth: int, classes: int, seed: int) -> nn.Module:
    """Return torchvision's network with its own initial weights."""
    torch.manual_seed(seed)
    network: nn.Module = getattr(torchvision.models, f"resnet{depth}")(num_classes=classes)
    return network


def train_plainly(
    network: nn.Module,
    batches: Batches,
    lr: float,
    device: torch.device,
    after_step: Callable[[int], None],
) -> None:
    """Train for as long as there are batches.

    Args:
        network: On the device.
        batches: Images and labels.
        lr: Adam's step size.
        device: Where to compute.
        after_step: Called with the number of images after every step; may end the training by an
            exception.
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
