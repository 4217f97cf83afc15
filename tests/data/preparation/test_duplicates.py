import numpy as np

from resnet_depth.data.preparation.duplicates import count_duplicates, first_twins
from resnet_depth.data.preparation.readers import RawDataset
from resnet_depth.data.prepared import Part


def part_of(*images):
    """A part of images of one grey each, given as grey and label."""
    greys = np.array([grey for grey, _ in images], np.uint8)
    pixels = np.zeros((len(images), 8, 8, 3), np.uint8) + greys[:, None, None, None]
    return Part(pixels, np.array([label for _, label in images], np.uint8))


def test_equal_pixels_are_counted_within_parts_across_parts_and_across_classes():
    parts = {
        "train": part_of((1, 0), (1, 0), (1, 0), (2, 1), (3, 1)),
        "validation": part_of((2, 1), (4, 0)),
        "test": part_of((1, 0), (1, 0), (3, 0), (5, 1)),
    }

    found = count_duplicates(parts)

    assert found.within == {"train": 2, "validation": 0, "test": 1}
    assert found.across == {"train_validation": 1, "train_test": 3, "validation_test": 0}
    # Grey 3 is of class 1 in train and of 0 in test.
    assert found.contradicting == 2


def test_images_that_differ_in_a_single_value_are_not_equal():
    part = part_of((1, 0), (1, 0))
    part.images[1, 7, 7, 2] = 2

    found = count_duplicates({"train": part, "validation": part_of(), "test": part_of((9, 0))})

    assert str(found) == ""


def test_of_equal_images_those_of_two_parts_are_named_first():
    content = RawDataset(
        part_of((1, 0), (1, 0), (2, 0)), part_of((3, 0), (2, 0)), ("a",), tuple("abcde")
    )

    assert first_twins(content) == ("c", "e")


def test_an_image_without_a_file_is_named_by_its_place():
    content = RawDataset(part_of((1, 0), (1, 0)), None, ("a",))

    assert first_twins(content) == ("image 0 of train", "image 1 of train")
