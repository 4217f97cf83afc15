"""TrivialAugment's table is that of torchvision, and each image gets what was chosen for it."""

import numpy as np
import pytest
from PIL import Image
from torchvision.transforms import v2

from resnet_depth.training.augmentation.trivial_augment import (
    CHANGES,
    KINDS,
    STRENGTHS,
    trivial_augment,
)

THEIRS = v2.TrivialAugmentWide()


@pytest.fixture(scope="module")
def picture():
    """A smooth image of 24 × 24 pixels, none of them black."""
    noise = np.random.default_rng(0).integers(40, 256, (6, 6, 3), dtype=np.uint8)
    return Image.fromarray(noise).resize((24, 24), Image.Resampling.BICUBIC)


def test_kinds_and_signs_are_torchvisions():
    theirs = {name: signed for name, (_, signed) in THEIRS._AUGMENTATION_SPACE.items()}

    assert {name: signed for name, (_, _, signed) in KINDS.items()} == theirs


@pytest.mark.parametrize("name", KINDS)
def test_a_change_of_every_strength_is_torchvisions(name, picture):
    change, strengths, signed = KINDS[name]
    magnitudes, _ = THEIRS._AUGMENTATION_SPACE[name]
    theirs = magnitudes(STRENGTHS, 24, 24)
    theirs = [0.0] * STRENGTHS if theirs is None else theirs.tolist()
    # Theirs are in single precision, and of Solarize a share of 255.
    unit = 255 if name == "Solarize" else 1
    rounded = np.ceil(np.round(np.multiply(unit, theirs), 3)) if name == "Solarize" else theirs
    np.testing.assert_allclose(strengths, rounded, atol=1e-5)

    for strength in strengths:
        for sign in (1, -1) if signed else (1,):
            expected = THEIRS._apply_image_or_video_transform(
                picture,
                name,
                sign * strength / unit,
                interpolation=THEIRS.interpolation,
                fill=THEIRS._fill,
            )
            np.testing.assert_array_equal(change(picture, sign * strength), expected)


def test_every_kind_is_as_likely_and_each_strength_has_both_signs():
    assert len(CHANGES) == 14 * 31 * 2
    rotations = [strength for change, strength in CHANGES if change is KINDS["Rotate"][0]]
    assert rotations == [sign * degrees for degrees in KINDS["Rotate"][1] for sign in (1, -1)]
    assert {
        len([one for one, _ in CHANGES if one is change]) for change, _, _ in KINDS.values()
    } == {62}


def test_each_image_gets_the_change_chosen_for_it_and_its_own_pixels_stay(picture):
    images = np.stack(
        [np.asarray(picture), np.asarray(picture.transpose(Image.Transpose.ROTATE_90))]
    )
    before = images.copy()
    strongest = 62 * list(KINDS).index("Posterize") + 60

    found = trivial_augment(images, np.array([0, strongest]))

    assert (found[0] == before[0]).all()
    # Two of eight bits are left.
    assert (found[1] == before[1] & 0b11000000).all()
    assert (images == before).all()
    assert (found.dtype, found.shape) == (np.uint8, images.shape)
