"""Images of a dataset that have the same pixels, however their files were written."""

from collections import defaultdict
from collections.abc import Mapping
from hashlib import sha256
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from resnet_depth.data.preparation.readers import RawDataset
from resnet_depth.data.prepared import Duplicates, Part, PartName


def count_duplicates(parts: Mapping[PartName, Part]) -> Duplicates:
    """Count the images that another one of the dataset equals, pixel for pixel, as prepared."""
    digests = {name: [_digest(image) for image in part.images] for name, part in parts.items()}
    distinct = {name: set(own) for name, own in digests.items()}
    classes = defaultdict(set)
    for name, part in parts.items():
        for digest, label in zip(digests[name], part.labels.tolist(), strict=True):
            classes[digest].add(label)
    return Duplicates(
        within={name: len(own) - len(distinct[name]) for name, own in digests.items()},
        across={
            f"{first}_{second}": sum(digest in distinct[first] for digest in digests[second])
            for first, second in combinations(digests, 2)
        },
        contradicting=sum(len(classes[digest]) > 1 for own in digests.values() for digest in own),
    )


def first_twins(content: RawDataset) -> tuple[str, str]:
    """Return the names of two equal images, of which one is a test image if that can be.

    Raises:
        ValueError: If no two are equal.
    """
    alike = defaultdict(list)
    for part, name, image in content.named():
        alike[_digest(image)].append((part, name))
    groups = [group for group in alike.values() if len(group) > 1]
    # Of equal ones the first.
    group = max(groups, key=lambda members: members[0][0] != members[-1][0])
    return group[0][1], group[-1][1]


def _digest(image: NDArray[np.uint8]) -> bytes:
    """Return what tells an image's pixels from those of all others."""
    return sha256(image.tobytes()).digest()
