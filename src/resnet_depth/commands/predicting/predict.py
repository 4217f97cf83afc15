"""What an exported network says of images: classes with their probabilities."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from resnet_depth.base.errors import UserError
from resnet_depth.base.files import file_digest
from resnet_depth.data.preparation.readers import decode, fit
from resnet_depth.deployment.session import open_session, session_logits
from resnet_depth.export.records import EXPORT_RECORD_FILE, ONNX_FILE, ExportRecord
from resnet_depth.runs.names import Network, instance
from resnet_depth.runs.records import damaged, read_record

# An image of a single pixel has no shape to tell.
FEWEST_PIXELS = 2


@dataclass(frozen=True)
class Prediction:
    """What a network says of an image: probabilities by class, the likeliest first."""

    image: Path
    classes: dict[str, float]


def predict(
    root: Path, dataset: str, network: Network, images: Sequence[Path], top: int
) -> list[Prediction]:
    """Return the `top` likeliest classes of each image, of image files and of folders of them.

    Images are made as large as those of the training, as `prepare` made these.

    Raises:
        UserError: If the network isn't exported yet, a file is damaged, or an image is missing,
            can't be read or has a single pixel.
    """
    target = instance("export", dataset, network)
    folder = root / "data" / "exports" / dataset / network.name
    record = read_record(folder / EXPORT_RECORD_FILE, ExportRecord, target)
    session = open_session(folder / ONNX_FILE, os.cpu_count() or 1, target)
    if file_digest(folder / ONNX_FILE) != record.files[ONNX_FILE].sha256:
        raise damaged(folder / ONNX_FILE, target, "changed since it was written")
    paths = [path for given in images for path in _files(given)]
    pixels = np.stack([_pixels(path, record.pixels) for path in paths])
    probabilities = _softmax(session_logits(session, pixels))
    return [
        Prediction(path, {record.class_names[k]: float(row[k]) for k in _first(row, top)})
        for path, row in zip(paths, probabilities, strict=True)
    ]


def _files(given: Path) -> list[Path]:
    """Return an image file, or those of a folder by name, hidden ones left out."""
    if not given.is_dir():
        return [given]
    found = [path for path in given.iterdir() if path.is_file() and not path.name.startswith(".")]
    if not found:
        raise UserError(f"{given}: no image in this folder; name one that holds some")
    return sorted(found)


def _pixels(path: Path, side: int) -> NDArray[np.uint8]:
    """Return an image as the network takes it, uint8 (side, side, 3)."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UserError(f"{path}: {error.strerror}; name an image file or a folder") from None
    image = decode(content, str(path))
    if min(image.size) < FEWEST_PIXELS:
        raise UserError(
            f"{path}: {image.width}×{image.height} pixels; allowed: at least {FEWEST_PIXELS} a side"
        )
    return np.asarray(fit(image, side))


def _softmax(logits: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return probabilities, float64, shaped as the logits, (n, classes)."""
    powers = np.exp(logits.astype(np.float64) - logits.max(axis=1, keepdims=True))
    shares: NDArray[np.float64] = powers / powers.sum(axis=1, keepdims=True)
    return shares


def _first(probabilities: NDArray[np.float64], top: int) -> list[int]:
    """Return the indices of the largest, in their order; of equal ones the first comes first."""
    return [int(k) for k in np.argsort(-probabilities, kind="stable")[:top]]
