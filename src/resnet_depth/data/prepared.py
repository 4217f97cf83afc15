"""The prepared dataset on disk: arrays of images and labels for each part, and a card about them.

Kept small and settled: every training depends on this file, so it knows nothing of raw formats.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray
from pydantic import Field

from resnet_depth.base.errors import UserError
from resnet_depth.base.faults import naming
from resnet_depth.base.files import file_digest
from resnet_depth.base.messages import told
from resnet_depth.runs.records import Count, Fraction, Record, damaged, read_record, require_file

PartName = Literal["train", "validation", "test"]
PARTS: tuple[PartName, ...] = get_args(PartName)
CARD_FILE = "dataset.json"

Channels = tuple[Fraction, Fraction, Fraction]

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

    @property
    def classes(self) -> int:
        """How many classes the labels tell; 0 where there is no image."""
        return int(self.labels.max(initial=0)) + 1 if len(self.labels) else 0


class Split(Record):
    """How the parts were divided; `test_fraction` is None where the test part came as it is."""

    seed: int
    validation_fraction: Fraction
    test_fraction: Fraction | None


class Duplicates(Record):
    """How many images have the pixels of another one, as prepared.

    `within`: by part, those that repeat one before them. `across`: by two parts, as `train_test`,
    those of the second that the first has too. `contradicting`: those of several classes.
    """

    within: dict[PartName, Count]
    across: dict[str, Count]
    contradicting: Count

    def __str__(self) -> str:
        """Return the counts that aren't 0 in words, or nothing."""
        pairs = ((pair.split("_"), count) for pair, count in self.across.items())
        texts = [(count, f"of {part} repeat others") for part, count in self.within.items()]
        texts += [(count, f"of {second} are in {first} too") for (first, second), count in pairs]
        texts.append((self.contradicting, "have several classes"))
        return "; ".join(f"{count:,} {text}" for count, text in texts if count)


class DatasetCard(Record):
    """What `dataset.json` says about a prepared dataset.

    `channel_mean` and `channel_std` are those of the training part, see `channel_statistics`;
    `digest` is that of the content it was made from; `array_sha256` is that of each array's file,
    keyed `train_images`, `train_labels` and so on; `counts` are images a part.
    """

    key: str
    title: str
    kind: str
    lossy: bool
    source: str | None
    digest: str
    citation: str | None
    image_size: int = Field(ge=1)
    class_names: tuple[str, ...] = Field(min_length=1)
    counts: dict[PartName, Count] = Field(min_length=len(PARTS))
    channel_mean: Channels
    channel_std: Channels
    array_sha256: dict[str, str]
    split: Split
    duplicates: Duplicates


def images_file(part: str) -> str:
    """Return the name of the file that holds a part's images."""
    return f"{part}_images.npy"


def labels_file(part: str) -> str:
    """Return the name of the file that holds a part's labels."""
    return f"{part}_labels.npy"


def load_part(folder: Path, part: PartName, card: DatasetCard | None = None) -> Part:
    """Read one part of a folder such as data/prepared/digits.

    With the dataset's card, size, count, classes and bytes must be as that says.

    Raises:
        UserError: If a file is missing, is no array, or isn't as `Part` and the card have it, or
            if a class below the highest label has no image.
    """
    images_path, labels_path = folder / images_file(part), folder / labels_file(part)
    images, labels = load_images(images_path), _load(labels_path)
    if labels.shape != images.shape[:1]:
        raise _damaged(labels_path, f"has the shape {labels.shape}; allowed: ({len(images)},)")
    loaded = Part(images, labels)
    classes = len(card.class_names) if card and len(labels) else loaded.classes
    # `prepare` refuses a part that lacks a class.
    if (found := np.unique(labels).tolist()) != list(range(classes)):
        fault = f"has {len(found)} different labels up to {found[-1]}"
        raise _damaged(labels_path, f"{fault}; allowed: each of 0 to {classes - 1}")
    if card:
        size = card.counts[part], card.image_size
        if images.shape[:2] != size:
            raise _damaged(images_path, f"has the shape {images.shape}; {CARD_FILE} has {size}, …")
        for path in (images_path, labels_path):
            if file_digest(path) != card.array_sha256.get(path.stem):
                raise _damaged(path, f"isn't the file that {CARD_FILE} is about")
    return loaded


def load_parts(
    folder: Path, parts: Sequence[PartName], card: DatasetCard | None = None
) -> list[Part]:
    """Read several parts, as `load_part` does each, of one image size and of the same classes.

    Raises:
        UserError: As `load_part` does, or if the parts don't fit each other.
    """
    loaded = [load_part(folder, part, card) for part in parts]
    first = loaded[0]
    for name, part in zip(parts, loaded, strict=True):
        classes = part.classes or first.classes
        if (part.images.shape[1:], classes) != (first.images.shape[1:], first.classes):
            fault = f"is of another image size or of other classes than the {parts[0]} part"
            raise _damaged(folder / images_file(name), fault)
    return loaded


def load_images(path: Path, mapped: bool = False) -> NDArray[np.uint8]:
    """Read the images of a part, or map them: then only those that are used are read.

    Raises:
        UserError: If the file is missing, is no array, or has another type or shape than `Part`.
    """
    images = _load(path, mapped)
    size = images.shape[1] if images.ndim > 1 else 0
    if not size or images.shape[1:] != (size, size, CHANNELS):
        raise _damaged(path, f"has the shape {images.shape}; allowed: (n, size, size, {CHANNELS})")
    return images


def read_card(path: Path) -> DatasetCard:
    """Read the card of a prepared dataset, such as data/prepared/digits/dataset.json.

    Raises:
        UserError: If it is missing, is no JSON, or isn't as `DatasetCard` has it.
    """
    return read_record(path, DatasetCard, _made_by(path))


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


def _load(path: Path, mapped: bool = False) -> NDArray[np.uint8]:
    """Return the array of uint8 in a .npy file."""
    require_file(path, _made_by(path))
    try:
        # Nothing of a prepared dataset is a pickle, and none is loaded.
        with naming(path):
            if mapped:
                array: NDArray[np.uint8] = npy.open_memmap(path, mode="r")
            else:
                with path.open("rb") as file:
                    array = npy.read_array(file, allow_pickle=False)
    except Exception as error:
        # A damaged header can raise nearly anything.
        raise _damaged(path, f"is damaged, no array ({told(str(error))})") from None
    if array.dtype != np.uint8:
        raise _damaged(path, f"holds {array.dtype}; allowed: uint8")
    return array


def _made_by(path: Path) -> str:
    """Return the stage that wrote a file of a prepared dataset."""
    return f"prepare@{path.parent.name}"


def _damaged(path: Path, fault: str) -> UserError:
    """Return the error about a file of a prepared dataset, with the way to make it anew."""
    return damaged(path, _made_by(path), fault)
