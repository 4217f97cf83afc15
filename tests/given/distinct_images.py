"""Images of which no two pixels or neighbours are alike, to see what augmentation does to them."""

import numpy as np
import torch

from resnet_depth.networks.prediction import Images
from resnet_depth.training.settings import RecipeSettings

COUNT, SIDE = 60, 9
EVERYTHING = torch.arange(COUNT)
# Of the channels, as bytes 250, 251.4 and 251.6: no pixel has it.
MEAN = (250 / 255, 251.4 / 255, 251.6 / 255)

OFF = {"flip": "none", "crop_padding": 0, "crop_fill": "reflect", "trivial_augment": False}
OFF |= {"cutout": 0, "mixup": 0.0, "cutmix": 0.0, "image_size": SIDE}


def augmenting(**changes):
    """Return a recipe that holds no more than what concerns augmentation."""
    return RecipeSettings.model_construct(**OFF | changes)


def distinct_images():
    """Return images whose pixels differ in each one and from one to the next; none is 0, black."""
    image = np.arange(3 * SIDE**2).reshape(SIDE, SIDE, 3)
    pixels = (image + np.arange(COUNT)[:, None, None, None]) % 249 + 1
    return Images(pixels.astype(np.uint8), MEAN, (0.2,) * 3, torch.device("cpu"))
