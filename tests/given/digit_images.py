"""A few real images, as the pipeline prepares them, and none at all."""

import numpy as np
from sklearn.datasets import load_digits

from resnet_depth.data.prepared import Part

NO_IMAGES = Part(np.zeros((0, 32, 32, 3), np.uint8), np.zeros(0, np.uint8))


def digit_images(start, count):
    """Handwritten digits, only enlarged by repetition."""
    digits = load_digits()
    grey = np.round(digits.images[start : start + count] * (255 / 16)).astype(np.uint8)
    large = grey.repeat(4, axis=1).repeat(4, axis=2)
    images = np.ascontiguousarray(np.broadcast_to(large[..., None], (*large.shape, 3)))
    return Part(images, digits.target[start : start + count].astype(np.uint8))
