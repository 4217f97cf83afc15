"""What others report on CIFAR-10 with networks like these: context, quoted and not measured here.

Recipes differ in all that matters (length, optimizer, augmentation, the network's first layer), so
these numbers tell what range to expect and can't be compared one by one.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from resnet_depth.data.prepared import DatasetCard


@dataclass(frozen=True)
class Report:
    """A published result: test `accuracies` by depth (fractions); no `address`, no link."""

    work: str
    recipe: str
    runs: str
    accuracies: Mapping[int, float]
    address: str = ""


_MODEL_UTILITIES = "https://github.com/feature-importance/model-utilities/tree/main/tools/cifar"
_SGD_180 = "180 epochs of SGD with momentum, batch 64, learning rate 0.1 cut twice by 10"

CIFAR10_REPORTS = (
    Report(
        work="The study whose claims are tested above",
        recipe="5 epochs of Adam, batch 64; 15.5, 27.2 and 42.8 minutes of training on a GPU",
        runs="1 each",
        accuracies={18: 0.857, 34: 0.883, 50: 0.912},
    ),
    Report(
        work="feature-importance/model-utilities, resnet",
        recipe=f"{_SGD_180}; the ImageNet stem, as here",
        runs="3 each",
        # Means of the three values that are listed.
        accuracies={18: 0.8687, 34: 0.8683, 50: 0.8767},
        address=_MODEL_UTILITIES,
    ),
    Report(
        work="feature-importance/model-utilities, resnet_3x3",
        recipe=f"{_SGD_180}; a 3×3 stem, which keeps more of a small image",
        runs="3 each",
        accuracies={18: 0.9200, 34: 0.9243, 50: 0.9267},
        address=_MODEL_UTILITIES,
    ),
    Report(
        work="kuangliu/pytorch-cifar",
        recipe="200 epochs of SGD, random crops and flips, a 3×3 stem; the best epoch chosen on "
        "the test images",
        runs="1 each",
        accuracies={18: 0.9302, 50: 0.9362},
        address="https://github.com/kuangliu/pytorch-cifar",
    ),
    Report(
        work="KellerJordan/cifar10-airbench",
        recipe="a small network and an optimizer made for speed: 2.59 s of training on an A100 "
        "GPU; 94%; not a ResNet",
        runs="200",
        accuracies={},
        address="https://github.com/KellerJordan/cifar10-airbench",
    ),
)


def reports_on(card: DatasetCard) -> tuple[Report, ...]:
    """Return what others report on a dataset; nothing where it isn't CIFAR-10 or a copy of it."""
    named = f"{card.key} {card.title}".lower().replace("_", "-")
    return CIFAR10_REPORTS if re.search(r"cifar-?10(?!\d)", named) else ()
