import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from resnet_depth.base.errors import UserError
from resnet_depth.base.files import file_digest
from resnet_depth.data.prepared import (
    PARTS,
    DatasetCard,
    Duplicates,
    Part,
    channel_statistics,
    load_images,
    load_part,
    load_parts,
    read_card,
)

CARD = {
    "key": "digits",
    "title": "Digits",
    "kind": "digits",
    "lossy": False,
    "source": "scikit-learn",
    "digest": f"sha256:{'ab' * 32}",
    "citation": "somebody",
    "image_size": 32,
    "class_names": ["zero", "one"],
    "counts": {"train": 3, "validation": 0, "test": 1},
    "channel_mean": [0.1, 0.2, 0.3],
    "channel_std": [0.4, 0.5, 0.6],
    "array_sha256": {"train_images": "cd" * 32},
    "split": {"seed": 0, "validation_fraction": 0.1, "test_fraction": None},
    "duplicates": {
        "within": {"train": 0, "validation": 0, "test": 0},
        "across": {"train_validation": 0, "train_test": 0, "validation_test": 0},
        "contradicting": 0,
    },
}


def write_part(folder, images, labels):
    np.save(folder / "train_images.npy", images)
    np.save(folder / "train_labels.npy", labels)
    return folder


def test_a_part_comes_back_as_it_was_written_and_may_be_changed(tmp_path):
    images = np.arange(2 * 4 * 4 * 3, dtype=np.uint8).reshape(2, 4, 4, 3)
    write_part(tmp_path, images, np.array([1, 0], np.uint8))

    part = load_part(tmp_path, "train")

    assert isinstance(part, Part)
    np.testing.assert_array_equal(part.images, images)
    np.testing.assert_array_equal(part.labels, [1, 0])
    # torch warns of arrays it can't write to.
    assert part.images.flags.writeable


def test_a_part_may_be_empty(tmp_path):
    write_part(tmp_path, np.empty((0, 4, 4, 3), np.uint8), np.empty(0, np.uint8))

    assert len(load_part(tmp_path, "train").images) == 0


def test_a_missing_file_is_named_with_the_way_to_make_it(tmp_path):
    folder = tmp_path / "digits"

    with pytest.raises(UserError, match=r"train_images\.npy: missing; 'dvc repro prepare@digits'"):
        load_part(folder, "train")


@pytest.mark.parametrize(
    ("images", "labels", "fault"),
    [
        (np.zeros((2, 4, 5, 3), np.uint8), np.zeros(2, np.uint8), r"train_images.* \(2, 4, 5, 3\)"),
        (np.zeros((2, 4, 4, 1), np.uint8), np.zeros(2, np.uint8), r"train_images.* \(2, 4, 4, 1\)"),
        (np.zeros(7, np.uint8), np.zeros(7, np.uint8), r"train_images.* \(7,\)"),
        (np.zeros((2, 4, 4, 3), np.uint8), np.zeros(3, np.uint8), r"train_labels.* \(3,\)"),
        (np.zeros((2, 4, 4, 3), np.uint8), np.zeros((2, 1), np.uint8), r"train_labels.*\(2, 1\)"),
        (np.zeros((2, 4, 4, 3)), np.zeros(2, np.uint8), "train_images.*float64"),
        (np.zeros((2, 4, 4, 3), np.uint8), np.zeros(2, int), "train_labels.*int64"),
    ],
)
def test_another_shape_or_type_is_refused(tmp_path, images, labels, fault):
    write_part(tmp_path, images, labels)

    with pytest.raises(UserError, match=fault):
        load_part(tmp_path, "train")


HEADER = b"\x93NUMPY\x01\x00v\x00{'descr': '|u1', 'fortran_order': False, 'shape': %b, }"


@pytest.mark.parametrize(
    "content",
    [
        *[b"", b"no array", b"\x93NUMPY\x01\x00", b"PK\x03\x04"],
        HEADER % b"(9,)",
        HEADER % b"(999999999999999,)",
        HEADER % b"((((",
        HEADER % b"('a',)",
    ],
)
def test_a_damaged_file_is_refused(tmp_path, content):
    write_part(tmp_path, np.zeros((2, 4, 4, 3), np.uint8), np.zeros(2, np.uint8))
    (tmp_path / "train_labels.npy").write_bytes(content)

    with pytest.raises(UserError, match=r"train_labels\.npy: is damaged"):
        load_part(tmp_path, "train")


def parts_with_card(folder, **changes):
    """Two parts of three classes as `prepare` leaves them, but for changes of the card."""
    counts = {"train": 6, "validation": 3, "test": 0}
    for name, count in counts.items():
        images = np.arange(count * 48, dtype=np.uint8).reshape(count, 4, 4, 3)
        np.save(folder / f"{name}_images.npy", images)
        np.save(folder / f"{name}_labels.npy", np.arange(count, dtype=np.uint8) % 3)
    digests = {path.stem: file_digest(path) for path in folder.glob("*.npy")}
    known = {"image_size": 4, "class_names": ["a", "b", "c"], "counts": counts}
    return DatasetCard.model_validate(CARD | known | {"array_sha256": digests} | changes)


@pytest.mark.parametrize(
    ("labels", "fault"),
    [
        ([0, 1, 2, 3, 1, 2], "4 different labels up to 3; allowed: each of 0 to 2"),
        ([0, 1, 255, 0, 1, 2], "4 different labels up to 255; allowed: each of 0 to 2"),
        ([0, 1, 1, 0, 1, 1], "2 different labels up to 1; allowed: each of 0 to 2"),
        ([0, 1, 2, 0, 1], r"shape \(5,\); allowed: \(6,\)"),
        ([2, 1, 0, 0, 1, 2], "isn't the file that dataset.json is about"),
    ],
)
def test_labels_that_were_edited_are_refused_where_the_card_is_known(tmp_path, labels, fault):
    card = parts_with_card(tmp_path)
    np.save(tmp_path / "train_labels.npy", np.array(labels, np.uint8))

    with pytest.raises(UserError, match=rf"train_labels\.npy: .*{fault}"):
        load_parts(tmp_path, ("train", "validation"), card)


@pytest.mark.parametrize("label", [3, 255])
def test_a_class_that_only_one_part_has_is_refused_without_a_card_too(tmp_path, label):
    parts_with_card(tmp_path)
    np.save(tmp_path / "train_labels.npy", np.array([0, 1, 2, 0, 1, label], np.uint8))

    with pytest.raises(
        UserError, match=r"npy: (has . different labels|is of .* other classes than the train part)"
    ):
        load_parts(tmp_path, ("train", "validation"))


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"counts": {"train": 7, "validation": 3, "test": 0}}, r"dataset\.json has \(7, 4\)"),
        ({"image_size": 8}, r"dataset\.json has \(6, 8\)"),
        ({"class_names": ["a", "b"]}, "allowed: each of 0 to 1"),
        ({"array_sha256": {}}, "isn't the file that dataset.json is about"),
    ],
)
def test_a_card_that_was_edited_does_not_fit_its_arrays(tmp_path, changes, fault):
    card = parts_with_card(tmp_path, **changes)

    with pytest.raises(UserError, match=fault):
        load_part(tmp_path, "train", card)


def test_a_pixel_that_was_edited_is_refused_where_the_card_is_known(tmp_path):
    card = parts_with_card(tmp_path)
    images = np.load(tmp_path / "train_images.npy")
    images[5, 3, 3, 2] ^= 1
    np.save(tmp_path / "train_images.npy", images)

    with pytest.raises(UserError, match=r"train_images\.npy: isn't the file"):
        load_part(tmp_path, "train", card)


def test_parts_of_different_image_sizes_are_refused(tmp_path):
    parts_with_card(tmp_path)
    np.save(tmp_path / "validation_images.npy", np.zeros((3, 5, 5, 3), np.uint8))

    with pytest.raises(UserError, match=r"validation_images\.npy: is of another image size or"):
        load_parts(tmp_path, ("train", "validation"))


def test_parts_as_prepare_leaves_them_are_read_with_and_without_their_card(tmp_path):
    card = parts_with_card(tmp_path)

    for known in (card, None):
        training, validation, test = load_parts(tmp_path, PARTS, known)
        assert (training.classes, validation.classes, test.classes) == (3, 3, 0)


def test_mapped_images_are_those_of_the_file(tmp_path):
    parts_with_card(tmp_path)

    mapped = load_images(tmp_path / "train_images.npy", mapped=True)

    np.testing.assert_array_equal(mapped, np.load(tmp_path / "train_images.npy"))


def test_duplicates_are_told_in_words_and_only_those_that_there_are():
    none = Duplicates.model_validate(CARD["duplicates"])
    some = none.model_copy(
        update={
            "within": {"train": 0, "validation": 0, "test": 1},
            "across": {"train_validation": 0, "train_test": 1200, "validation_test": 0},
            "contradicting": 2,
        }
    )

    assert str(none) == ""
    assert str(some) == (
        "1 of test repeat others; 1,200 of test are in train too; 2 have several classes"
    )


def test_a_pickle_in_a_prepared_array_is_refused(tmp_path):
    write_part(tmp_path, np.array([object()]), np.zeros(1, np.uint8))

    with pytest.raises(UserError, match=r"train_images\.npy: is damaged"):
        load_part(tmp_path, "train")


def test_channel_statistics_match_a_case_worked_by_hand():
    # Red 0 and 255: mean 0.5, deviation 0.5. Green 51 twice: 0.2, 0. Blue 0 and 51: 0.1, 0.1.
    images = np.array([[[[0, 51, 0]]], [[[255, 51, 51]]]], np.uint8)

    mean, std = channel_statistics(images)

    assert mean == pytest.approx((0.5, 0.2, 0.1), rel=1e-15)
    assert std == pytest.approx((0.5, 0.0, 0.1), rel=1e-15)
    assert std[1] == 0.0


def test_the_deviation_is_of_pixels_not_the_mean_of_each_images_own():
    # A black and a white image: neither varies within itself.
    images = np.stack([np.zeros((4, 4, 3), np.uint8), np.full((4, 4, 3), 255, np.uint8)])

    assert channel_statistics(images)[1] == (0.5, 0.5, 0.5)


@given(arrays(np.uint8, array_shapes(min_dims=3, max_dims=3, max_side=6).map(lambda s: (*s, 3))))
def test_channel_statistics_agree_with_floating_point_and_ignore_the_order(images):
    pixels = images.reshape(-1, 3) / 255
    mean, std = channel_statistics(images)

    assert mean == pytest.approx(pixels.mean(axis=0), abs=1e-12)
    assert std == pytest.approx(pixels.std(axis=0), abs=1e-7)
    assert channel_statistics(np.ascontiguousarray(images[::-1])) == (mean, std)


@given(st.integers(1, 5))
def test_channel_statistics_do_not_depend_on_the_size_of_a_block(block):
    images = np.random.default_rng(0).integers(0, 256, (3, 4, 4, 3), dtype=np.uint8)
    whole = channel_statistics(images)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("resnet_depth.data.prepared.PIXELS_AT_ONCE", block)
        assert channel_statistics(images) == whole


@pytest.mark.parametrize(
    "images",
    [np.zeros((0, 4, 4, 3), np.uint8), np.zeros((2, 4, 4, 3)), np.zeros((2, 4, 4), np.uint8)],
)
def test_channel_statistics_refuse_what_has_no_pixels_or_is_no_image(images):
    with pytest.raises(ValueError, match=r"no pixels|need uint8"):
        channel_statistics(images)


def test_a_card_comes_back_as_it_was_written(tmp_path):
    path = tmp_path / "dataset.json"
    path.write_text(json.dumps(CARD))

    card = read_card(path)

    assert card.model_dump(mode="json") == CARD
    assert card.class_names == ("zero", "one")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (None, "missing; 'dvc repro prepare@"),
        ("{", "no valid JSON"),
        (json.dumps({**CARD, "counts": 3}), "counts: "),
        (json.dumps({**CARD, "counts": {"train": 3}}), "counts: "),
        (json.dumps({**CARD, "counts": {**CARD["counts"], "test": -1}}), r"counts\.test: "),
        (json.dumps({**CARD, "channel_std": [0.1, 0.2, 1.5]}), r"channel_std\.2: "),
        (json.dumps({**CARD, "channel_mean": [0.1, 0.2, float("nan")]}), r"channel_mean\.2: "),
        (json.dumps({**CARD, "class_names": []}), "class_names: "),
        (json.dumps({**CARD, "extra": 1}), "extra: "),
        (json.dumps({name: CARD[name] for name in CARD if name != "duplicates"}), "duplicates: "),
    ],
)
def test_a_card_that_is_none_is_refused(tmp_path, text, fault):
    path = tmp_path / "dataset.json"
    if text is not None:
        path.write_text(text)

    with pytest.raises(UserError, match=fault):
        read_card(path)
