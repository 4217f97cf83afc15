"""The prepared dataset on disk: arrays of images and labels for each part, and a card about them.

Kept small and settled: every training depends on this file, so it knows nothing of raw formats.
"""

import json
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, ValidationError

from resnet_depth.base.errors import UserError
from resnet_depth.base.faults import naming
from resnet_depth.base.files import read_json

PARTS = ("train", "validation", "test")
CARD_FILE = "dataset.json"

CHANNELS = 3
# Bounds the memory of a sum over pixels: 24 MiB for three channels of 64-bit integers.
PIXELS_AT_ONCE = 2**20


@dataclass(frozen=True)
class Part:
    """The images of one part with their labels.

    `images` is uint8 of shape (n, size, size, 3), RGB in [0, 255]; `labels` is uint8 of shape
    (n,), indices into the card's class names. n may be 0 for the validation part.
    """

    images: NDArray[np.uint8]
    labels: NDArray[np.uint8]


class Split(BaseModel):
    """How the parts were divided; `test_fraction` is None where the test part came as it is."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    seed: int
    validation_fraction: float
    test_fraction: float | None


class DatasetCard(BaseModel):
    """What `dataset.json` says about a prepared dataset.

    `channel_mean` and `channel_std` are those of the training part, see `channel_statistics`;
    `digest` is that of the content it was made from; `array_sha256` is that of each array's file,
    keyed `train_images`, `train_labels` and so on; `counts` are images a part.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    key: str
    title: str
    kind: str
    lossy: bool
    source: str
    digest: str
    citation: str
    image_size: int
    class_names: tuple[str, ...]
    counts: dict[str, int]
    channel_mean: tuple[float, float, float]
    channel_std: tuple[float, float, float]
    array_sha256: dict[str, str]
    split: Split


def images_file(part: str) -> str:
    """Return the name of the file that holds a part's images."""
    return f"{part}_images.npy"


def labels_file(part: str) -> str:
    """Return the name of the file that holds a part's labels."""
    return f"{part}_labels.npy"


def load_part(folder: Path, part: str) -> Part:
    """Read one part, `train`, `validation` or `test`, of a folder such as data/prepared/digits.

    Raises:
        UserError: If a file is missing, is no array, or has another type or shape than `Part`.
    """
    images_path, labels_path = folder / images_file(part), folder / labels_file(part)
    images, labels = _load(images_path), _load(labels_path)
    size = images.shape[1] if images.ndim > 1 else 0
    if not size or images.shape[1:] != (size, size, CHANNELS):
        fault = f"has the shape {images.shape}; allowed: (n, size, size, {CHANNELS})"
        raise _damaged(images_path, fault)
    if labels.shape != images.shape[:1]:
        fault = f"has the shape {labels.shape}; allowed: ({len(images)},), one label an image"
        raise _damaged(labels_path, fault)
    return Part(images, labels)


def read_card(path: Path) -> DatasetCard:
    """Read the card of a prepared dataset, such as data/prepared/digits/dataset.json.

    Raises:
        UserError: If it is missing, is no JSON, or lacks a key.
    """
    if not path.is_file():
        raise _damaged(path, "doesn't exist")
    try:
        return DatasetCard.model_validate(read_json(path))
    except (json.JSONDecodeError, UnicodeDecodeError):
        raise _damaged(path, "is no valid JSON") from None
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise _damaged(path, f"is no dataset card ({where}: {first['msg']})") from None


def channel_statistics(
    images: NDArray[np.uint8],
) -> tuple[tuple[float, float, float], tuple[float, float, float]]:
    """Return mean and standard deviation of each colour channel over all pixels of all images.

    The deviation is that of the pixels around the mean of the whole set, as normalising an input
    needs. The mean of each image's own deviation, often quoted for CIFAR-10 as (0.2023, 0.1994,
    0.2010), is a smaller number: it leaves out how images differ from each other. The sums are
    of integers, so that the result doesn't depend on their order.

    Args:
        images: uint8, shape (n, height, width, 3), n ≥ 1.

    Returns:
        Mean and population standard deviation, each of three values, as fractions of 255. The
        deviation of a constant channel is 0: who divides by it must take 1 in its place, which
        leaves such a channel at 0 after the mean is subtracted.

    Raises:
        ValueError: If there is no image or another shape or type.
    """
    if images.dtype != np.uint8 or images.ndim != 4 or images.shape[-1] != CHANNELS:
        raise ValueError(f"need uint8 (n, height, width, 3), got {images.dtype} {images.shape}")
    if not images.size:
        raise ValueError("no pixels to take a mean of")
    pixels = images.reshape(-1, CHANNELS)
    sums, squares = np.zeros((2, CHANNELS), dtype=np.uint64)
    for start in range(0, len(pixels), PIXELS_AT_ONCE):
        block = pixels[start : start + PIXELS_AT_ONCE].astype(np.uint64)
        sums += block.sum(axis=0)
        squares += (block * block).sum(axis=0)
    count = len(pixels)
    red, green, blue = (
        # Python's integers: count · squares passes 64 bits.
        (total / (255 * count), math.sqrt(count * square - total**2) / (255 * count))
        for total, square in zip(sums.tolist(), squares.tolist(), strict=True)
    )
    return (red[0], green[0], blue[0]), (red[1], green[1], blue[1])


def _load(path: Path) -> NDArray[np.uint8]:
    """Return the array of uint8 in a .npy file."""
    if not path.is_file():
        raise _damaged(path, "doesn't exist")
    try:
        # Nothing of a prepared dataset is a pickle, and none is loaded.
        with naming(path):
            array = np.load(path, allow_pickle=False)
    except (ValueError, EOFError, OSError):
        raise _damaged(path, "is damaged: no array can be read from it") from None
    if not isinstance(array, np.ndarray) or array.dtype != np.uint8:
        raise _damaged(path, f"holds {getattr(array, 'dtype', 'an archive')}; allowed: uint8")
    return array


def _damaged(path: Path, fault: str) -> UserError:
    """Return the error about a file of a prepared dataset, with the way to make it anew."""
    return UserError(
        f"{path} {fault}; remove {path.parent} and repeat 'dvc repro prepare@{path.parent.name}'"
    )
