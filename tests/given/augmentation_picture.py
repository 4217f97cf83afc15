"""Draws docs/augmentation.png: one batch of real images under each kind of augmentation.

    PYTHONPATH=src:tests python tests/given/augmentation_picture.py

The images are scikit-learn's digits, as the study prepares them. The same picture comes out each
time.
"""

import argparse
from pathlib import Path

import numpy as np
import torch
from matplotlib import rc_context
from PIL import Image
from sklearn.datasets import load_digits

from resnet_depth.data.preparation.decoding import fit
from resnet_depth.data.prepared import channel_statistics
from resnet_depth.networks.prediction import Images
from resnet_depth.report.figures.drawing import INK, MUTED, RULE, STYLE, new_figure
from resnet_depth.training.augmentation.augmentation import Augmentation
from resnet_depth.training.augmentation.mixing import Mixing
from resnet_depth.training.settings import RecipeSettings

SIDE, SHOWN = 32, 8
OFF = {"flip": "none", "crop_padding": 0, "crop_fill": "reflect", "cutout": 0}
OFF |= {"trivial_augment": False, "mixup": 0.0, "cutmix": 0.0, "image_size": SIDE}
# Each row's name, what the recipe says, and the epoch shown.
ROWS = [
    ("as prepared", {}, 0),
    ("flip: random", {"flip": "random"}, 0),
    ("flip: alternating,\none epoch", {"flip": "alternating"}, 0),
    ("and the next", {"flip": "alternating"}, 1),
    ("crop_padding: 4,\ncrop_fill: reflect", {"crop_padding": 4}, 0),
    ("crop_padding: 4,\ncrop_fill: zero", {"crop_padding": 4, "crop_fill": "zero"}, 0),
    ("trivial_augment: true", {"trivial_augment": True}, 0),
    ("cutout: 12", {"cutout": 12}, 0),
    ("flip, crop\nand cutout", {"flip": "random", "crop_padding": 4, "cutout": 12}, 0),
    ("mixup: 1", {"mixup": 1.0}, 0),
    ("cutmix: 1", {"cutmix": 1.0}, 0),
]
# In inches.
NAME, PICTURE, GAP, LABELS = 1.5, 0.6, 0.06, 0.26


def digits():
    """Return the first of each digit but 8 and 9, shape (8, 32, 32, 3), and their labels."""
    data = load_digits()
    levels = ((data.images[:SHOWN].astype(int) * 255 + 8) // 16).astype(np.uint8)
    pictures = [fit(Image.fromarray(level).convert("RGB"), SIDE) for level in levels]
    return np.stack([np.asarray(picture) for picture in pictures]), data.target[:SHOWN]


def changed(pixels, labels, changes, epoch):
    """Return a batch under a recipe, as fractions, (n, 32, 32, 3), and each one's label in words.

    Labels are empty where they are the images' own.
    """
    mean, std = channel_statistics(pixels)
    device, indices = torch.device("cpu"), torch.arange(SHOWN)
    images = Images(pixels, mean, std, device)
    recipe = RecipeSettings.model_construct(**OFF | changes)
    augmentation = Augmentation(recipe, 0, images)
    mixing = Mixing(recipe, 0, SHOWN, device)
    augmentation.begin(epoch)
    mixing.begin(epoch)
    batch = augmentation.batch(indices)
    found, mixture = mixing.mix(images.normalize(batch), torch.from_numpy(labels), indices)
    if mixture is None:
        return batch.permute(0, 2, 3, 1).numpy(), [""] * SHOWN
    seen = found.permute(0, 2, 3, 1).numpy() * std + mean
    words = [
        f"{own}: {share:.0%}\n{other}: {1 - share:.0%}"
        for own, other, share in zip(
            labels, mixture.other.tolist(), mixture.share.tolist(), strict=True
        )
    ]
    return seen.clip(0, 1), words


def draw():
    """Return the figure."""
    pixels, labels = digits()
    rows = [(name, *changed(pixels, labels, changes, epoch)) for name, changes, epoch in ROWS]
    heights = [PICTURE + GAP + (LABELS if words[0] else 0) for _, _, words in rows]
    width, below = NAME + SHOWN * (PICTURE + GAP), sum(heights)
    subtitle = (
        "Handwritten digits of 32 × 32 pixels, prepared as for the study. Each row is one batch; "
        "below mixtures the shares of their labels."
    )
    figure = new_figure("What augmentation does", subtitle, width=width, height=below)
    figure.set_layout_engine("none")
    full, top = figure.get_figheight(), below
    for (name, batch, words), height in zip(rows, heights, strict=True):
        figure.text(0.12 / width, (top - PICTURE / 2) / full, name, color=INK, va="center")
        for k, (picture, word) in enumerate(zip(batch, words, strict=True)):
            left = NAME + k * (PICTURE + GAP)
            place = (left / width, (top - PICTURE) / full, PICTURE / width, PICTURE / full)
            axes = figure.add_axes(place)
            axes.imshow(picture, interpolation="none")
            axes.set(xticks=[], yticks=[])
            axes.grid(visible=False)
            axes.spines[:].set(visible=True, color=RULE)
            figure.text(
                (left + PICTURE / 2) / width,
                (top - PICTURE - 0.03) / full,
                word,
                color=MUTED,
                size=6.5,
                ha="center",
                va="top",
            )
        top -= height
    return figure


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    default = Path(__file__).parents[2] / "docs" / "augmentation.png"
    parser.add_argument("--out", type=Path, default=default, help="the file to write")
    out = parser.parse_args().out
    with rc_context(STYLE):
        figure = draw()
        figure.set_dpi(140)
        figure.canvas.draw()
    # A palette: a third of the bytes.
    picture = Image.fromarray(np.asarray(figure.canvas.buffer_rgba())).convert("RGB")
    picture.quantize(64).save(out, optimize=True)


if __name__ == "__main__":
    main()
