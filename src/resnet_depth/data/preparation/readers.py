"""Raw datasets, as `download` leaves them, as arrays of RGB images of one size.

Nothing here divides anything: the training part comes whole, in the order of its source.
"""

import io
import pickle
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from resnet_depth.base.errors import UserError
from resnet_depth.base.messages import told
from resnet_depth.base.progress import progress
from resnet_depth.data.download.raw_files import MOST_IMAGE_BYTES, is_plain
from resnet_depth.data.preparation.decoding import decode, fit
from resnet_depth.data.prepared import Part

# Labels are uint8.
MAX_CLASSES = 256

CIFAR_SIZE = 32
CIFAR_FOLDER = "cifar-10-batches-py"
CIFAR_BATCHES = tuple(f"data_batch_{number}" for number in range(1, 6))
CIFAR_TEST, CIFAR_META = "test_batch", "batches.meta"


@dataclass(frozen=True)
class RawDataset:
    """A dataset as it came: `test` is None where it has no test part of its own.

    `files` are the images' names, those of the training part first, where they have any.
    """

    training: Part
    test: Part | None
    class_names: tuple[str, ...]
    files: tuple[str, ...] = ()

    def named(self) -> Iterator[tuple[str, str, NDArray[np.uint8]]]:
        """Yield each image's part, its name or, without one, its place in the part, and pixels."""
        files = iter(self.files)
        for part, own in (("train", self.training), ("test", self.test)):
            for index, image in enumerate(own.images if own else ()):
                yield part, next(files, f"image {index} of {part}"), image


def read_digits(images: Path, labels: Path, size: int) -> RawDataset:
    """Read scikit-learn's handwritten digits.

    Grey levels 0 to 16 (counts of the set pixels in a block of 4 × 4) become 0 to 255, rounded
    (half up), alike in all three channels.

    Args:
        images: .npy file, uint8 of shape (n, 8, 8), in [0, 16].
        labels: .npy file, uint8 of shape (n,), in [0, 10).
        size: Pixels a side of the images returned.

    Raises:
        UserError: If a file is missing or damaged.
    """
    try:
        levels, numbers = (np.load(path, allow_pickle=False) for path in (images, labels))
    except Exception:
        # A damaged header can raise nearly anything.
        raise _damaged(images.parent, f"{images.name} or {labels.name} can't be read") from None
    if not (
        levels.dtype == numbers.dtype == np.uint8
        and levels.shape == (*numbers.shape, 8, 8)
        and levels.max(initial=0) <= 16
        and numbers.max(initial=0) < 10
    ):
        fault = f"{images.name} and {labels.name} aren't uint8 (n, 8, 8) to 16 and (n,) below 10"
        raise _damaged(images.parent, fault)
    grey = ((levels.astype(np.uint16) * 255 + 8) // 16).astype(np.uint8)
    colour = np.repeat(grey[..., None], 3, axis=3)
    return RawDataset(Part(_fit_all(colour, size), numbers), None, tuple("0123456789"))


def read_cifar10(archive: Path, size: int) -> RawDataset:
    """Read CIFAR-10's official archive of pickled batches.

    Call it on a verified archive only. Even so, its pickles can do nothing but make arrays,
    lists and strings.

    Args:
        archive: cifar-10-python.tar.gz, described at https://www.cs.toronto.edu/~kriz/cifar.html
        size: Pixels a side of the images returned.

    Raises:
        UserError: If a member is missing, isn't what it should be, or holds something else.
    """
    wanted = {*CIFAR_BATCHES, CIFAR_TEST, CIFAR_META}
    contents: dict[str, dict[bytes, Any]] = {}
    try:
        with tarfile.open(archive) as tar:
            for member in tar:
                folder, _, name = member.name.removeprefix("./").partition("/")
                if folder == CIFAR_FOLDER and name in wanted and (file := tar.extractfile(member)):
                    contents[name] = _unpickle(file.read(), archive, name)
    except UserError:
        raise
    except Exception as error:
        # A damaged header can raise nearly anything.
        raise _damaged(archive, f"can't be read ({told(str(error))})") from None
    if missing := wanted - contents.keys():
        raise _damaged(archive, f"has no {CIFAR_FOLDER}/{min(missing)}")
    names = contents.pop(CIFAR_META).get(b"label_names")
    if (
        not isinstance(names, list)
        or not all(isinstance(name, bytes) for name in names)
        or not 0 < len(names) <= MAX_CLASSES
    ):
        raise _damaged(archive, f"{CIFAR_META} has no label_names, 1 to {MAX_CLASSES}")
    batches = [
        # Popped, so that a batch's memory is free as soon as its images are copied.
        _cifar_part(contents.pop(name), len(names), archive, name, size)
        for name in (*CIFAR_BATCHES, CIFAR_TEST)
    ]
    training = Part(
        np.concatenate([batch.images for batch in batches[:-1]]),
        np.concatenate([batch.labels for batch in batches[:-1]]),
    )
    return RawDataset(training, batches[-1], tuple(name.decode("latin1") for name in names))


def read_image_tar(path: Path, size: int, title: str) -> RawDataset:
    """Read the tar of images that `download` made: classes and images in the order of names.

    Args:
        path: Members are `train/<class>/<file>` and `test/<class>/<file>`.
        size: Pixels a side of the images returned; see `decode` and `fit`.
        title: What is read, for the progress display.

    Raises:
        UserError: If there are too many classes, or an image can't be used; it is named.
    """
    try:
        with tarfile.open(path, "r:") as tar:
            members = tar.getmembers()
    except Exception as error:
        # A damaged header can raise nearly anything.
        raise _damaged(path, f"can't be read ({told(str(error))})") from None
    for member in members:
        known = member.name.count("/") == 2 and is_plain(member.name) and member.isreg()
        if not known or member.size > MOST_IMAGE_BYTES:
            raise _damaged(path, f"{member.name!r} isn't what 'download' wrote")
    classes = sorted({member.name.split("/")[1] for member in members})
    if len(classes) > MAX_CLASSES:
        raise UserError(f"{title} has {len(classes)} classes; allowed: at most {MAX_CLASSES}")
    parts = {}
    with (
        path.open("rb") as raw,
        progress(f"{title}: reading images", len(members), "images") as advance,
    ):
        for part in ("train", "test"):
            own = [member for member in members if _is_of(part, member)]
            images = np.empty((len(own), size, size, 3), np.uint8)
            for index, member in enumerate(own):
                raw.seek(member.offset_data)
                image = decode(raw.read(member.size), f"{title}: {member.name}")
                images[index] = np.asarray(fit(image, size))
                advance(1)
            labels = [classes.index(member.name.split("/")[1]) for member in own]
            parts[part] = Part(images, np.array(labels, np.uint8))
    names = (member.name for part in parts for member in members if _is_of(part, member))
    return RawDataset(parts["train"], parts["test"], tuple(classes), tuple(names))


def _is_of(part: str, member: tarfile.TarInfo) -> bool:
    return member.name.startswith(f"{part}/")


def _fit_all(images: NDArray[np.uint8], size: int) -> NDArray[np.uint8]:
    """Return images of shape (n, height, width, 3) as (n, size, size, 3); see `fit`."""
    if images.shape[1:3] == (size, size):
        return images
    fitted = np.empty((len(images), size, size, 3), np.uint8)
    for index, pixels in enumerate(images):
        fitted[index] = np.asarray(fit(Image.fromarray(pixels), size))
    return fitted


def _cifar_part(batch: dict[bytes, Any], classes: int, archive: Path, name: str, size: int) -> Part:
    """Return one batch, whose rows hold three planes of 32 × 32, as images of the size."""
    data, labels = batch.get(b"data"), batch.get(b"labels")
    row = 3 * CIFAR_SIZE**2
    if not isinstance(data, np.ndarray) or data.dtype != np.uint8 or data.shape[1:] != (row,):
        raise _damaged(archive, f"{name} has no uint8 data of shape (n, {row})")
    if not isinstance(labels, list) or len(labels) != len(data):
        raise _damaged(archive, f"{name} hasn't one label an image")
    if not all(isinstance(label, int) and 0 <= label < classes for label in labels):
        raise _damaged(archive, f"{name} has a label outside [0, {classes})")
    planes = data.reshape(-1, 3, CIFAR_SIZE, CIFAR_SIZE)
    images = np.ascontiguousarray(planes.transpose(0, 2, 3, 1))
    return Part(_fit_all(images, size), np.array(labels, np.uint8))


class _ArraysOnly(pickle.Unpickler):
    """An unpickler that finds what an array of numbers is made of, and nothing else."""

    def find_class(self, module: str, name: str) -> Any:
        """Return one of the few allowed objects."""
        # NumPy's own function under its old and its new address.
        if name == "_reconstruct" and module in ("numpy.core.multiarray", "numpy._core.multiarray"):
            return np.empty(0).__reduce__()[0]
        allowed = {
            ("numpy", "ndarray"): np.ndarray,
            ("numpy", "dtype"): np.dtype,
            ("_codecs", "encode"): _latin1,
        }
        if (module, name) not in allowed:
            raise pickle.UnpicklingError(f"{module}.{name} isn't allowed")
        return allowed[module, name]


def _latin1(text: str, encoding: str) -> bytes:
    """Return bytes from how protocol 2 writes them; any other use is refused."""
    if encoding != "latin1":
        raise pickle.UnpicklingError(f"encoding {encoding} isn't allowed")
    return text.encode("latin1")


def _unpickle(content: bytes, archive: Path, name: str) -> dict[bytes, Any]:
    """Return the mapping in one pickle; text of Python 2 is left as bytes."""
    try:
        found = _ArraysOnly(io.BytesIO(content), encoding="bytes").load()
    except Exception as error:
        # A damaged pickle can raise nearly anything.
        raise _damaged(archive, f"{name} can't be read ({told(str(error))})") from None
    if not isinstance(found, dict):
        raise _damaged(archive, f"{name} is no mapping")
    return found


def _damaged(path: Path, fault: str) -> UserError:
    """Return the error about a raw dataset."""
    return UserError(f"{path}: {fault}; remove it and repeat 'dvc repro', which gets it anew")
