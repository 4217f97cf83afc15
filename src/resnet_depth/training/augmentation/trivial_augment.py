"""TrivialAugment: of each image one change, out of a table, at a random strength.

Müller and Hutter, "TrivialAugment: Tuning-free Yet State-of-the-Art Data Augmentation" (2021),
arXiv:2103.10158, its wide table. Pillow makes the changes, image by image: they are those of
torchvision's TrivialAugmentWide on Pillow images, in half the time and without torchvision, whose
import takes more than a second.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageEnhance, ImageOps

Change = Callable[[Image.Image, float], Image.Image]

STRENGTHS = 31


def _moved(image: Image.Image, x: tuple[float, ...], y: tuple[float, ...]) -> Image.Image:
    """Return an image whose pixels are the nearest to where x and y say, black where none is.

    Each holds what is multiplied by column and row, and what is added.
    """
    return image.transform(image.size, Image.Transform.AFFINE, (*x, *y), Image.Resampling.NEAREST)


_NONE = [0.0] * STRENGTHS
_FACTOR = np.linspace(0, 0.99, STRENGTHS).tolist()
_PIXELS = np.linspace(0, 32, STRENGTHS).tolist()
# Each change, its strengths, and whether half of them are taken with a minus.
KINDS: dict[str, tuple[Change, list[float], bool]] = {
    "Identity": (lambda image, _: image, _NONE, False),
    "ShearX": (lambda image, by: _moved(image, (1, by, 0), (0, 1, 0)), _FACTOR, True),
    "ShearY": (lambda image, by: _moved(image, (1, 0, 0), (by, 1, 0)), _FACTOR, True),
    "TranslateX": (lambda image, by: _moved(image, (1, 0, -int(by)), (0, 1, 0)), _PIXELS, True),
    "TranslateY": (lambda image, by: _moved(image, (1, 0, 0), (0, 1, -int(by))), _PIXELS, True),
    "Rotate": (
        lambda image, degrees: image.rotate(degrees),
        np.linspace(0, 135, STRENGTHS).tolist(),
        True,
    ),
    "Brightness": (lambda image, by: ImageEnhance.Brightness(image).enhance(1 + by), _FACTOR, True),
    "Color": (lambda image, by: ImageEnhance.Color(image).enhance(1 + by), _FACTOR, True),
    "Contrast": (lambda image, by: ImageEnhance.Contrast(image).enhance(1 + by), _FACTOR, True),
    "Sharpness": (lambda image, by: ImageEnhance.Sharpness(image).enhance(1 + by), _FACTOR, True),
    "Posterize": (
        lambda image, bits: ImageOps.posterize(image, int(bits)),
        (8 - np.rint(np.arange(STRENGTHS) / 5)).tolist(),
        False,
    ),
    "Solarize": (
        lambda image, least: ImageOps.solarize(image, int(least)),
        np.ceil(np.linspace(255, 0, STRENGTHS)).tolist(),
        False,
    ),
    "AutoContrast": (lambda image, _: ImageOps.autocontrast(image), _NONE, False),
    "Equalize": (lambda image, _: ImageOps.equalize(image), _NONE, False),
}
# Of each kind all strengths with both signs, so that each kind and strength is as likely.
CHANGES = [
    (change, -strength if negative and signed else strength)
    for change, strengths, signed in KINDS.values()
    for strength in strengths
    for negative in (False, True)
]


def trivial_augment(images: NDArray[np.uint8], chosen: NDArray[np.integer]) -> NDArray[np.uint8]:
    """Return each image after the change chosen for it.

    Args:
        images: Shape (n, height, width, 3).
        chosen: Places in `CHANGES`, shape (n,).
    """
    changed = np.empty_like(images)
    for index, place in enumerate(chosen.tolist()):
        change, strength = CHANGES[place]
        changed[index] = np.asarray(change(Image.fromarray(images[index]), strength))
    return changed
