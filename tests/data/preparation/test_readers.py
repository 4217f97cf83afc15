import pickle

import numpy as np
import pytest
from given.data_sources import (
    BATCHES,
    CLASSES,
    cifar_archive,
    cifar_contents,
    image_bytes,
    image_files,
    python2_pickle,
    write_archive,
)
from PIL import Image

from resnet_depth.base.errors import UserError
from resnet_depth.data.preparation.decoding import fit
from resnet_depth.data.preparation.readers import read_cifar10, read_digits, read_image_tar


def write_digits(folder, levels, labels):
    paths = folder / "images.npy", folder / "labels.npy"
    np.save(paths[0], levels)
    np.save(paths[1], labels)
    return paths


def image_tar(folder, files):
    return write_archive(folder / "images.tar", dict(sorted(files.items())))


def test_digits_span_the_whole_range_and_are_rounded_half_up(tmp_path):
    # level · 255 / 16: 0, 15.9375, 127.5, 239.0625, 255.
    levels = np.zeros((1, 8, 8), np.uint8)
    levels[0, 0, :5] = [0, 1, 8, 15, 16]

    raw = read_digits(*write_digits(tmp_path, levels, np.array([3], np.uint8)), 8)

    assert raw.training.images.shape == (1, 8, 8, 3)
    for channel in range(3):
        assert raw.training.images[0, 0, :5, channel].tolist() == [0, 16, 128, 239, 255]
    assert raw.training.labels.tolist() == [3]
    assert raw.class_names == tuple("0123456789")
    assert raw.test is None


def test_digits_are_scaled_bilinearly(tmp_path):
    levels = np.arange(64, dtype=np.uint8).reshape(1, 8, 8) // 4
    raw = read_digits(*write_digits(tmp_path, levels, np.zeros(1, np.uint8)), 32)
    grey = (levels[0] * 255.0 / 16 + 0.5).astype(np.uint8)
    expected = Image.fromarray(grey).resize((32, 32), Image.Resampling.BILINEAR)

    np.testing.assert_array_equal(raw.training.images[0, ..., 1], np.asarray(expected))


def test_damaged_digits_are_refused(tmp_path):
    images, labels = write_digits(tmp_path, np.zeros((1, 8, 8), np.uint8), np.zeros(1, np.uint8))
    images.write_bytes(b"")

    with pytest.raises(UserError, match=r"images\.npy or labels\.npy can't be read"):
        read_digits(images, labels, 32)


@pytest.mark.parametrize(
    ("levels", "labels"),
    [
        (np.full((1, 8, 8), 17, np.uint8), np.zeros(1, np.uint8)),
        (np.zeros((1, 8, 8), np.uint8), np.full(1, 10, np.uint8)),
        (np.zeros((1, 8, 8), np.uint8), np.zeros(2, np.uint8)),
        (np.zeros((1, 8, 9), np.uint8), np.zeros(1, np.uint8)),
        (np.zeros((1, 8, 8)), np.zeros(1, np.uint8)),
    ],
)
def test_digits_of_another_form_are_refused(tmp_path, levels, labels):
    with pytest.raises(UserError, match=r"images\.npy and labels\.npy aren't uint8"):
        read_digits(*write_digits(tmp_path, levels, labels), 32)


@pytest.mark.parametrize("pickled", [python2_pickle, lambda content: pickle.dumps(content, 2)])
def test_cifar10_keeps_order_pixels_labels_and_names(tmp_path, pickled):
    # Batches lie in the archive in another order than their numbers'.
    contents = cifar_contents()
    shuffled = dict(sorted(contents.items(), reverse=True))

    raw = read_cifar10(cifar_archive(tmp_path / "a.tar.gz", shuffled, pickled), 32)

    data = np.concatenate([contents[name][b"data"] for name in BATCHES[:5]])
    labels = [label for name in BATCHES[:5] for label in contents[name][b"labels"]]
    assert raw.training.labels.tolist() == labels
    assert raw.training.labels.dtype == np.uint8
    assert raw.test.labels.tolist() == contents["test_batch"][b"labels"]
    assert raw.class_names == tuple(CLASSES)
    # A row is 1,024 values of red, then green, then blue, each row by row.
    for place in [(0, 0, 0, 0), (57, 3, 17, 1), (99, 31, 31, 2)]:
        image, row, column, channel = place
        assert raw.training.images[place] == data[image, 1024 * channel + 32 * row + column]


def test_cifar10_can_be_scaled(tmp_path):
    raw = read_cifar10(cifar_archive(tmp_path / "a.tar.gz"), 16)
    whole = read_cifar10(tmp_path / "a.tar.gz", 32)

    assert raw.training.images.shape == (100, 16, 16, 3)
    expected = fit(Image.fromarray(whole.training.images[7]), 16)
    np.testing.assert_array_equal(raw.training.images[7], np.asarray(expected))


class Trap:
    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return open, (str(self.path), "w")


@pytest.mark.parametrize("member", ["data_batch_3", "batches.meta"])
def test_a_pickle_cannot_run_anything(tmp_path, member):
    mark = tmp_path / "mark"
    contents = cifar_contents() | {member: pickle.dumps({b"data": Trap(mark)}, 2)}

    with pytest.raises(UserError, match=rf"{member} can't be read \(.*open isn't allowed\)"):
        read_cifar10(cifar_archive(tmp_path / "a.tar.gz", contents), 32)

    assert not mark.exists()
    with pickle.loads(contents[member])[b"data"]:
        assert mark.exists(), "the trap would have worked"


def test_only_latin1_can_be_encoded_by_a_pickle(tmp_path):
    call = b"c_codecs\nencode\n(X\x01\x00\x00\x00aX\x05\x00\x00\x00rot13tR."
    archive = cifar_archive(tmp_path / "a.tar.gz", cifar_contents() | {"test_batch": call})

    with pytest.raises(UserError, match=r"encoding rot13 isn't allowed"):
        read_cifar10(archive, 32)


def batch(**changes):
    content = cifar_contents()["data_batch_2"]
    return content | {key.encode(): value for key, value in changes.items()}


@pytest.mark.parametrize(
    ("member", "content", "fault"),
    [
        ("data_batch_2", b"no pickle", "data_batch_2 can't be read"),
        ("data_batch_2", [1, 2], "data_batch_2 is no mapping"),
        ("data_batch_2", batch(data=np.zeros((20, 3000), np.uint8)), "data_batch_2 .*3072"),
        ("data_batch_2", batch(data=np.zeros((20, 3072))), "data_batch_2 .*uint8"),
        ("data_batch_2", batch(labels=[0] * 19), "data_batch_2 hasn't one label an image"),
        ("data_batch_2", batch(labels=[10] * 20), r"data_batch_2 has a label outside \[0, 10\)"),
        ("data_batch_2", batch(labels=[-1] * 20), r"data_batch_2 has a label outside \[0, 10\)"),
        ("batches.meta", {b"label_names": []}, "batches.meta has no label_names"),
        ("batches.meta", {b"label_names": [1] * 10}, "batches.meta has no label_names"),
        ("batches.meta", {b"label_names": [b"x"] * 257}, "batches.meta has no label_names"),
    ],
)
def test_a_batch_that_is_not_what_it_should_be_is_refused(tmp_path, member, content, fault):
    archive = cifar_archive(tmp_path / "a.tar.gz", cifar_contents() | {member: content})

    with pytest.raises(UserError, match=fault):
        read_cifar10(archive, 32)


def test_a_missing_batch_is_named(tmp_path):
    contents = cifar_contents()
    del contents["data_batch_4"]

    with pytest.raises(UserError, match="has no cifar-10-batches-py/data_batch_4"):
        read_cifar10(cifar_archive(tmp_path / "a.tar.gz", contents), 32)


def test_a_truncated_archive_is_refused(tmp_path):
    path = cifar_archive(tmp_path / "a.tar.gz")
    path.write_bytes(path.read_bytes()[:50_000])

    with pytest.raises(UserError, match=r"a\.tar\.gz: can't be read"):
        read_cifar10(path, 32)


def test_an_image_tar_gives_classes_and_images_in_the_order_of_names(tmp_path):
    files = image_files(("dog", "cat"))

    raw = read_image_tar(image_tar(tmp_path, files), 32, "pets")

    assert raw.class_names == ("cat", "dog")
    assert raw.training.labels.tolist() == [0] * 6 + [1] * 6
    assert raw.test.labels.tolist() == [0, 0, 1, 1]
    (tmp_path / "one.png").write_bytes(files["train/dog/0002.png"])
    with Image.open(tmp_path / "one.png") as image:
        np.testing.assert_array_equal(raw.training.images[8], np.asarray(image))


@pytest.mark.parametrize(
    "content",
    [b"", b"text", image_bytes(np.zeros((32, 32, 3), np.uint8))[:60]],
    ids=["empty", "text", "truncated"],
)
def test_an_unreadable_image_is_named(tmp_path, content):
    files = image_files() | {"test/dog/0001.png": content}

    with pytest.raises(UserError, match=r"pets: test/dog/0001\.png can't be read as an image"):
        read_image_tar(image_tar(tmp_path, files), 32, "pets")


def test_an_image_of_16_bits_is_refused_rather_than_clipped(tmp_path):
    files = image_files() | {"train/cat/0003.png": image_bytes(np.full((9, 9), 4000, np.uint16))}

    with pytest.raises(UserError, match=r"train/cat/0003\.png has more than 8 bits"):
        read_image_tar(image_tar(tmp_path, files), 32, "pets")


def test_more_classes_than_a_label_can_name_are_refused(tmp_path):
    files = {f"{part}/{c:03}/a.png": b"" for part in ("train", "test") for c in range(257)}

    with pytest.raises(UserError, match="257 classes; allowed: at most 256"):
        read_image_tar(image_tar(tmp_path, files), 32, "pets")


@pytest.mark.parametrize("name", ["cat.png", "train/cat.png", "train/cat/more/1.png"])
def test_an_image_tar_of_other_names_than_download_writes_is_refused(tmp_path, name):
    with pytest.raises(UserError, match=rf"images\.tar: '{name}' isn't what 'download' wrote"):
        read_image_tar(image_tar(tmp_path, image_files() | {name: b""}), 32, "pets")


def test_a_damaged_image_tar_is_refused(tmp_path):
    (tmp_path / "images.tar").write_bytes(b"x" * 2000)

    with pytest.raises(UserError, match=r"images\.tar: can't be read"):
        read_image_tar(tmp_path / "images.tar", 32, "pets")
