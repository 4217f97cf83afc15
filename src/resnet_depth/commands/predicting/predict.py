"""What an exported network says of images: classes with their probabilities."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from onnxruntime import InferenceSession
from PIL import Image

from resnet_depth.base.errors import UserError
from resnet_depth.base.files import file_digest
from resnet_depth.base.messages import escaped
from resnet_depth.data.download.layout import is_passed_over
from resnet_depth.data.download.raw_files import MOST_IMAGE_BYTES
from resnet_depth.data.preparation.decoding import decode, fit
from resnet_depth.data.prepared import images_file
from resnet_depth.deployment.session import open_session, session_logits
from resnet_depth.export.records import EXPORT_RECORD_FILE, ONNX_FILE, ExportRecord
from resnet_depth.runs.names import Network, instance
from resnet_depth.runs.records import damaged, read_record

# An image of a single pixel has no shape to tell.
FEWEST_PIXELS = 2


@dataclass(frozen=True)
class Prediction:
    """What a network says of an image: probabilities by class, the likeliest first.

    `image` is its file or, of a test image, its index in the test part, and `actual` its class.
    """

    image: Path | int
    classes: dict[str, float]
    actual: str | None = None


def predict(
    root: Path, dataset: str, network: Network, images: Sequence[Path], top: int
) -> list[Prediction]:
    """Return the `top` likeliest classes of each image, of image files and of folders of them.

    Images are made as large as those of the training, as `prepare` made these.

    Raises:
        UserError: If the network isn't exported yet, a file is damaged, or an image is missing,
            can't be read or has a single pixel.
    """
    exported = _exported(root, dataset, network)
    paths = [path for given in images for path in _files(given)]
    said = exported.classes([_image(path) for path in paths], top)
    return [Prediction(path, classes) for path, classes in zip(paths, said, strict=True)]


def predict_examples(root: Path, dataset: str, network: Network, top: int) -> list[Prediction]:
    """Return the same of the test images that the report shows of the network's recipe.

    Raises:
        UserError: If the network isn't exported yet, the dataset isn't studied yet, a file is
            damaged, or the recipe has no examples.
    """
    # pandas takes half a second to import, for which files of images needn't wait.
    from resnet_depth.evidence.examples import read_pictures  # noqa: PLC0415
    from resnet_depth.evidence.reading import read_table  # noqa: PLC0415

    exported = _exported(root, dataset, network)
    file = root / "plots" / dataset / "examples.csv"
    table = read_table(file, ["recipe", "index", "actual"], f"summarize@{dataset}")
    # An image has a row for each depth, and may be in both groups.
    rows = table[table["recipe"] == network.recipe].drop_duplicates("index")
    if rows.empty:
        there = ", ".join(table["recipe"].unique()) or "none"
        raise UserError(f"{file}: no examples of recipe {network.recipe}; there are of: {there}")
    actual = dict(zip(rows["index"].tolist(), rows["actual"], strict=True))
    pictures = read_pictures(root / "data" / "prepared" / dataset / images_file("test"), actual)
    said = exported.classes([Image.fromarray(pictures[index]) for index in actual], top)
    return [
        Prediction(index, classes, actual[index])
        for index, classes in zip(actual, said, strict=True)
    ]


@dataclass(frozen=True)
class _Exported:
    """A network that has been exported: what it is, and its ONNX file at work."""

    record: ExportRecord
    session: InferenceSession

    def classes(self, images: Sequence[Image.Image], top: int) -> list[dict[str, float]]:
        """Return the probabilities of each image's `top` likeliest classes, in their order."""
        pixels = np.stack([np.asarray(fit(image, self.record.pixels)) for image in images])
        return [
            {self.record.class_names[k]: float(row[k]) for k in _first(row, top)}
            for row in _softmax(session_logits(self.session, pixels, self.record.network))
        ]


def _exported(root: Path, dataset: str, network: Network) -> _Exported:
    """Open a network, once its file is what was exported."""
    target = instance("export", dataset, network)
    folder = root / "data" / "exports" / dataset / network.name
    record = read_record(folder / EXPORT_RECORD_FILE, ExportRecord, target)
    session = open_session(folder / ONNX_FILE, os.cpu_count() or 1, target)
    if file_digest(folder / ONNX_FILE) != record.files[ONNX_FILE].sha256:
        raise damaged(folder / ONNX_FILE, target, "changed since it was written")
    return _Exported(record, session)


def _files(given: Path) -> list[Path]:
    """Return an image file, or those of a folder by name; not hidden ones or Thumbs.db."""
    if not given.is_dir():
        return [given]
    found = [path for path in given.iterdir() if path.is_file() and not is_passed_over(path.name)]
    if not found:
        raise UserError(f"{given}: no image in this folder; name one that holds some")
    return sorted(found)


def _image(path: Path) -> Image.Image:
    """Return the image of a file."""
    name = escaped(str(path))
    try:
        size = path.stat().st_size
        if size > MOST_IMAGE_BYTES or not path.is_file():
            raise UserError(
                f"{name}: allowed: an image file of at most {MOST_IMAGE_BYTES:,} bytes, or a folder"
            )
        image = decode(path.read_bytes(), name)
    except OSError as error:
        raise UserError(f"{name}: {error.strerror}; name an image file or a folder") from None
    if min(image.size) < FEWEST_PIXELS:
        raise UserError(
            f"{name}: {image.width}×{image.height} pixels; allowed: at least {FEWEST_PIXELS} a side"
        )
    return image


def _softmax(logits: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return probabilities, float64, shaped as the logits, (n, classes)."""
    powers = np.exp(logits.astype(np.float64) - logits.max(axis=1, keepdims=True))
    shares: NDArray[np.float64] = powers / powers.sum(axis=1, keepdims=True)
    return shares


def _first(probabilities: NDArray[np.float64], top: int) -> list[int]:
    """Return the indices of the largest, in their order; of equal ones the first comes first."""
    return [int(k) for k in np.argsort(-probabilities, kind="stable")[:top]]
