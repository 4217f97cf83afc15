"""What a training step is judged by: its loss, and how many images it got right.

A mixed image (mixup, cutmix) has two labels, the first with a share of it, the other with the
rest. Its loss is the cross-entropy against that distribution, and right it is by the share of the
label that was predicted, as in github.com/facebookresearch/mixup-cifar10 of Zhang et al., "mixup:
Beyond Empirical Risk Minimization" (2017), arXiv:1710.09412. So a network that names the larger
part of every image doesn't reach 1: training accuracies with and without mixing don't compare.

With smoothing every target gives that much of its weight to all classes alike (Szegedy et al.,
"Rethinking the Inception Architecture" (2015), arXiv:1512.00567); the loss includes it, so that
its least value isn't 0.
"""

from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy


class Mixture(NamedTuple):
    """What a batch's images were mixed with.

    Attributes:
        other: Labels of the second images, shape (n,).
        share: How much of each is the first image, in [0, 1], shape (n,), of the logits' type.
    """

    other: Tensor
    share: Tensor


def loss_and_right(
    logits: Tensor, labels: Tensor, smoothing: float = 0.0, mixing: Mixture | None = None
) -> tuple[Tensor, Tensor]:
    """Return a batch's mean loss, in nats, and the number of its images that were got right.

    Nothing waits for the device.

    Args:
        logits: Shape (n, classes).
        labels: Class indices, shape (n,); of mixed images the first.
        smoothing: Share of each target that all classes get alike, in [0, 1).
        mixing: None where the images are as they were.

    Returns:
        The loss, to differentiate, and float32, since not every device has float64, the number;
        without mixing it is whole, and exact up to 2**24 images.
    """
    predicted = logits.detach().argmax(1)
    if mixing is None:
        loss = cross_entropy(logits, labels, label_smoothing=smoothing)
        return loss, (predicted == labels).sum(dtype=torch.float32)
    first, second = (
        cross_entropy(logits, each, reduction="none", label_smoothing=smoothing)
        for each in (labels, mixing.other)
    )
    loss = torch.lerp(second, first, mixing.share).mean()
    found, found_other = ((predicted == each).float() for each in (labels, mixing.other))
    return loss, torch.lerp(found_other, found, mixing.share).sum()
