"""From a raw dataset to the arrays of its training, validation and test part."""

import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import train_test_split

from resnet_depth.base.errors import UserError
from resnet_depth.base.files import file_digest, replacing_folder
from resnet_depth.data.download import raw_files
from resnet_depth.data.download.settings import DatasetSettings
from resnet_depth.data.preparation.duplicates import count_duplicates, first_twins
from resnet_depth.data.preparation.readers import (
    RawDataset,
    read_cifar10,
    read_digits,
    read_image_tar,
)
from resnet_depth.data.preparation.settings import PrepareSettings
from resnet_depth.data.prepared import (
    CARD_FILE,
    DatasetCard,
    Duplicates,
    Part,
    PartName,
    Split,
    channel_statistics,
    images_file,
    labels_file,
)
from resnet_depth.runs.records import write_record


def prepare(
    key: str, dataset: DatasetSettings, settings: PrepareSettings, raw: Path, out: Path
) -> None:
    """Write the arrays and the card of the dataset that `download` wrote, in place of `out`.

    Raises:
        UserError: If the raw files can't be read, a part would lack a class, or images are equal
            though that is to be refused.
    """
    content = _read(key, dataset, raw, settings.image_size)
    parts = divide(key, content, settings)
    duplicates = count_duplicates(parts)
    _tell_duplicates(key, content, duplicates, settings)
    split = Split(
        seed=settings.seed,
        validation_fraction=settings.validation_fraction,
        test_fraction=settings.test_fraction if content.test is None else None,
    )
    mean, std = channel_statistics(parts["train"].images)
    with replacing_folder(out) as folder:
        for name, part in parts.items():
            np.save(folder / images_file(name), part.images)
            np.save(folder / labels_file(name), part.labels)
        card = DatasetCard(
            key=key,
            **dataset.model_dump(include=set(DatasetCard.model_fields) - {"digest"}),
            digest=dataset.digest or raw_files.digest_of_tar(raw / raw_files.IMAGES_TAR),
            image_size=settings.image_size,
            class_names=content.class_names,
            counts={name: len(part.labels) for name, part in parts.items()},
            channel_mean=mean,
            channel_std=std,
            array_sha256={path.stem: file_digest(path) for path in sorted(folder.glob("*.npy"))},
            split=split,
            duplicates=duplicates,
        )
        write_record(folder / CARD_FILE, card)


def divide(key: str, content: RawDataset, settings: PrepareSettings) -> dict[PartName, Part]:
    """Return the parts `train`, `validation` and `test`, each in the order of the source.

    An own test part stays as it is. Otherwise `test_fraction` of all images become one. Then
    `validation_fraction` of the training images become the validation part, which is empty if
    that is 0. Both divisions take the same share of every class, up to rounding.

    Raises:
        UserError: If a part that isn't empty would lack a class.
    """
    training, test = content.training, content.test
    if test is None:
        kept, taken = split_indices(key, training.labels, settings.test_fraction, settings.seed)
        training, test = _select(training, kept), _select(training, taken)
    kept, taken = split_indices(key, training.labels, settings.validation_fraction, settings.seed)
    validation = _select(training, taken)
    training = _select(training, kept)
    parts: dict[PartName, Part] = {"train": training, "validation": validation, "test": test}
    for name, part in parts.items():
        lacking = set(range(len(content.class_names))) - set(part.labels.tolist())
        if lacking and (len(part.labels) or name != "validation"):
            classes = ", ".join(content.class_names[label] for label in sorted(lacking))
            raise UserError(f"{key}: the {name} part has no image of the class {classes}; add some")
    return parts


def split_indices(
    key: str, labels: NDArray[np.uint8], fraction: float, seed: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Divide images into those kept and a stratified random share of them, by label and seed.

    Args:
        key: The dataset's key, for messages.
        labels: Shape (n,).
        fraction: Share to take, in [0, 1); the count is rounded up.
        seed: Decides the draw, together with the labels.

    Returns:
        Indices of the kept and of the taken images, each ascending.

    Raises:
        UserError: If there are too few images for each side to have one of each class.
    """
    everything = np.arange(len(labels))
    if not fraction:
        return everything, everything[:0]
    try:
        kept, taken = train_test_split(
            everything, test_size=fraction, stratify=labels, random_state=seed
        )
    except ValueError:
        fewest = int(np.unique(labels, return_counts=True)[1].min()) if len(labels) else 0
        raise UserError(
            f"{key}: {len(labels)} images (the rarest class has {fewest}) can't be divided by the "
            f"fraction {fraction} with every class on both sides; change prepare.test_fraction "
            "or prepare.validation_fraction in params.yaml, or add images"
        ) from None
    return np.sort(kept), np.sort(taken)


def _tell_duplicates(
    key: str, content: RawDataset, duplicates: Duplicates, settings: PrepareSettings
) -> None:
    """Say in one line that images are equal, if any are, or refuse them."""
    if told := str(duplicates):
        line = f"{key}: equal images: {told}; such as {' and '.join(first_twins(content))}"
        if settings.duplicates == "refuse":
            raise UserError(f"{line}; remove them, or set prepare.duplicates to report")
        print(line, file=sys.stderr)


def _read(key: str, dataset: DatasetSettings, raw: Path, size: int) -> RawDataset:
    """Return the raw dataset of any kind."""
    if dataset.kind == "digits":
        return read_digits(raw / raw_files.DIGITS_IMAGES, raw / raw_files.DIGITS_LABELS, size)
    if dataset.kind == "cifar10":
        return read_cifar10(raw / raw_files.CIFAR10_ARCHIVE, size)
    return read_image_tar(raw / raw_files.IMAGES_TAR, size, key)


def _select(part: Part, indices: NDArray[np.int64]) -> Part:
    """Return some images of a part, in the order of the indices."""
    return Part(part.images[indices], part.labels[indices])
