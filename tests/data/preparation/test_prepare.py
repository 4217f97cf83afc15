import hashlib
import io
import json
from pathlib import Path

import numpy as np
import pytest
from given.data_sources import (
    cifar_archive,
    cifar_contents,
    dataset,
    image_bytes,
    image_files,
    split,
    write_archive,
)
from hypothesis import assume, given
from hypothesis import strategies as st
from PIL import Image

from resnet_depth.base.errors import UserError
from resnet_depth.base.files import file_digest
from resnet_depth.base.sections import load_section
from resnet_depth.data.download.download import download
from resnet_depth.data.download.settings import DatasetSettings
from resnet_depth.data.fetching.settings import Limits
from resnet_depth.data.preparation.prepare import divide, prepare, split_indices
from resnet_depth.data.preparation.readers import RawDataset
from resnet_depth.data.prepared import PARTS, Part, channel_statistics, load_part, read_card

DIGITS_PARAMS = Path(__file__).parents[3] / "params.yaml"


@pytest.fixture(scope="module")
def digits(tmp_path_factory):
    folder = tmp_path_factory.mktemp("digits")
    settings = load_section(DIGITS_PARAMS, "datasets.digits", DatasetSettings)
    download("digits", settings, None, folder / "x", folder / "raw", Limits())
    prepare("digits", settings, split(), folder / "raw", folder / "prepared")
    return folder


@pytest.fixture
def cifar(tmp_path):
    (tmp_path / "raw").mkdir()
    cifar_archive(tmp_path / "raw" / "cifar-10-python.tar.gz")
    return tmp_path


def part_of(labels):
    labels = np.array(labels, np.uint8)
    # An image tells its index.
    images = np.zeros((len(labels), 8, 8, 3), np.uint8)
    images[:, 0, 0, 0] = np.arange(len(labels))
    return Part(images, labels)


def test_digits_are_divided_into_1293_144_and_360(digits):
    # 1,797 · 0.2 = 359.4, up: 360. The other 1,437 · 0.1 = 143.7, up: 144.
    parts = {name: load_part(digits / "prepared", name) for name in PARTS}

    assert {name: len(part.labels) for name, part in parts.items()} == {
        "train": 1293,
        "validation": 144,
        "test": 360,
    }
    assert all(part.images.shape[1:] == (32, 32, 3) for part in parts.values())
    assert all(set(part.labels.tolist()) == set(range(10)) for part in parts.values())


def test_no_digit_is_lost_or_in_two_parts(digits):
    # Taken apart and put together again, pixel for pixel.
    parts = [load_part(digits / "prepared", name) for name in PARTS]
    found = sorted(
        (int(label), image.tobytes())
        for part in parts
        for image, label in zip(part.images, part.labels, strict=True)
    )
    labels = np.load(digits / "raw" / "labels.npy")

    assert [label for label, _ in found] == sorted(labels.tolist())
    assert len(found) == 1797


def test_the_card_says_what_was_written(digits):
    card = read_card(digits / "prepared" / "dataset.json")
    settings = load_section(DIGITS_PARAMS, "datasets.digits", DatasetSettings)

    assert (card.key, card.title, card.kind, card.lossy) == (
        "digits",
        settings.title,
        "digits",
        False,
    )
    assert (card.digest, card.source, card.citation) == (
        settings.digest,
        settings.source,
        settings.citation,
    )
    assert card.class_names == tuple("0123456789")
    assert card.counts == {"train": 1293, "validation": 144, "test": 360}
    assert card.split.model_dump() == {"seed": 0, "validation_fraction": 0.1, "test_fraction": 0.2}
    training = load_part(digits / "prepared", "train")
    assert (card.channel_mean, card.channel_std) == channel_statistics(training.images)
    assert sorted(card.array_sha256) == sorted(
        f"{part}_{kind}" for part in PARTS for kind in ("images", "labels")
    )
    for name, digest in card.array_sha256.items():
        assert file_digest(digits / "prepared" / f"{name}.npy") == digest


def test_preparing_again_gives_the_same_bytes(digits, tmp_path):
    settings = load_section(DIGITS_PARAMS, "datasets.digits", DatasetSettings)

    prepare("digits", settings, split(), digits / "raw", tmp_path / "again")

    names = sorted(path.name for path in (tmp_path / "again").iterdir())
    assert names == sorted(path.name for path in (digits / "prepared").iterdir())
    assert len(names) == 7
    for name in names:
        first, second = (folder / name for folder in (digits / "prepared", tmp_path / "again"))
        assert first.read_bytes() == second.read_bytes()


def test_cifar10_keeps_its_own_test_part_and_gives_a_tenth_for_validation(cifar):
    prepare("cifar10", dataset("cifar10"), split(), cifar / "raw", cifar / "out")

    parts = {name: load_part(cifar / "out", name) for name in PARTS}
    assert [len(parts[name].labels) for name in PARTS] == [90, 10, 20]
    assert parts["test"].labels.tolist() == cifar_contents()["test_batch"][b"labels"]
    assert json.loads((cifar / "out" / "dataset.json").read_text())["split"] == {
        "seed": 0,
        "validation_fraction": 0.1,
        "test_fraction": None,
    }


def test_without_validation_all_images_train_and_the_arrays_are_empty(cifar):
    settings = split(validation_fraction=0)

    prepare("cifar10", dataset("cifar10"), settings, cifar / "raw", cifar / "out")

    assert len(load_part(cifar / "out", "train").labels) == 100
    assert load_part(cifar / "out", "validation").images.shape == (0, 32, 32, 3)


def test_the_test_part_does_not_depend_on_the_validation_fraction():
    content = RawDataset(part_of([0, 1] * 50), None, ("a", "b"))

    first = divide("x", content, split(validation_fraction=0))
    second = divide("x", content, split(validation_fraction=0.3))

    np.testing.assert_array_equal(first["test"].images, second["test"].images)


def test_images_of_a_folder_are_scaled_and_divided(tmp_path):
    (tmp_path / "raw").mkdir()
    files = image_files(train=20, test=2, size=40)
    write_archive(tmp_path / "raw" / "images.tar", dict(sorted(files.items())))

    settings = split(image_size=16, validation_fraction=0.25)
    prepare("pets", dataset("image_folder"), settings, tmp_path / "raw", tmp_path / "out")

    card = read_card(tmp_path / "out" / "dataset.json")
    assert card.counts == {"train": 30, "validation": 10, "test": 4}
    assert (card.image_size, card.class_names) == (16, ("cat", "dog"))
    assert load_part(tmp_path / "out", "train").images.shape == (30, 16, 16, 3)


def twins(tmp_path):
    """A folder of images of which a training and a test image are equal, written otherwise."""
    (tmp_path / "raw").mkdir()
    files = image_files(train=20, test=2)
    with Image.open(io.BytesIO(files["train/cat/0003.png"])) as image:
        files["test/dog/0001.png"] = image_bytes(image, "BMP")
    write_archive(tmp_path / "raw" / "images.tar", dict(sorted(files.items())))
    return tmp_path


@pytest.mark.parametrize("choice", [{}, {"duplicates": "report"}])
def test_equal_images_are_written_to_the_card_and_said_in_one_line(tmp_path, capsys, choice):
    folder = twins(tmp_path)

    settings = split(validation_fraction=0, **choice)
    prepare("pets", dataset("image_folder"), settings, folder / "raw", folder / "out")

    found = read_card(folder / "out" / "dataset.json").duplicates
    assert found.across == {"train_validation": 0, "train_test": 1, "validation_test": 0}
    assert (found.within, found.contradicting) == (dict.fromkeys(PARTS, 0), 2)
    assert capsys.readouterr().err.splitlines()[-1] == (
        "pets: equal images: 1 of test are in train too; 2 have several classes; "
        "such as train/cat/0003.png and test/dog/0001.png"
    )


def test_equal_images_are_refused_where_that_is_asked_for_and_nothing_is_written(tmp_path):
    folder = twins(tmp_path)

    with pytest.raises(UserError, match=r"such as train/cat/0003\.png and .*prepare\.duplicates"):
        prepare(
            "pets",
            dataset("image_folder"),
            split(duplicates="refuse"),
            folder / "raw",
            folder / "out",
        )

    assert [path.name for path in folder.iterdir()] == ["raw"]


def test_no_two_digits_are_equal(digits):
    assert str(read_card(digits / "prepared" / "dataset.json").duplicates) == ""


def test_what_is_not_pinned_has_the_digest_of_what_was_there_and_need_not_tell_its_source(tmp_path):
    (tmp_path / "raw").mkdir()
    files = dict(sorted(image_files(train=20, test=2).items()))
    write_archive(tmp_path / "raw" / "images.tar", files)
    settings = dataset("image_folder", digest=None, source=None, citation=None)

    prepare("pets", settings, split(), tmp_path / "raw", tmp_path / "out")

    card = read_card(tmp_path / "out" / "dataset.json")
    lines = (f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in files.items())
    assert card.digest == f"sha256:{hashlib.sha256(''.join(lines).encode()).hexdigest()}"
    assert (card.source, card.citation) == (None, None)


@pytest.mark.parametrize(
    ("train", "test", "fault"),
    [
        ([0, 1] * 10, [0, 0], "the test part has no image of the class b"),
        ([0, 0] * 10, [0, 1], "the train part has no image of the class b"),
        ([0, 1] * 10, [], "the test part has no image of the class a, b"),
    ],
)
def test_a_part_without_one_of_the_classes_is_refused(train, test, fault):
    content = RawDataset(part_of(train), part_of(test), ("a", "b"))

    with pytest.raises(UserError, match=fault):
        divide("x", content, split())


@pytest.mark.parametrize("labels", [[0] * 20 + [1], [0, 1, 2] * 2, [], [0]])
def test_too_few_images_to_divide_are_refused_with_what_to_change(labels):
    with pytest.raises(UserError, match=r"can't be divided.*prepare\.validation_fraction"):
        split_indices("x", np.array(labels, np.uint8), 0.1, 0)


@st.composite
def divisions(draw):
    """Labels of two to five classes, a fraction that leaves each class on both sides, a seed."""
    counts = draw(st.lists(st.integers(4, 30), min_size=2, max_size=5))
    labels = np.repeat(np.arange(len(counts), dtype=np.uint8), counts)
    order = np.random.default_rng(draw(st.integers(0, 99))).permutation(len(labels))
    return labels[order], draw(st.floats(0.05, 0.7)), draw(st.integers(0, 2**32 - 1))


@given(divisions())
def test_a_division_is_complete_disjoint_ordered_and_stratified(case):
    labels, fraction, seed = case
    count = int(np.ceil(fraction * len(labels)))
    classes = len(np.unique(labels))
    assume(count >= classes and len(labels) - count >= classes)

    kept, taken = split_indices("x", labels, fraction, seed)

    assert sorted([*kept, *taken]) == list(range(len(labels)))
    assert (np.diff(kept) > 0).all()
    assert (np.diff(taken) > 0).all()
    assert len(taken) == count
    # Each class gives its share, rounded up or down.
    share = np.bincount(labels) * count / len(labels)
    assert (np.abs(np.bincount(labels[taken], minlength=classes) - share) < 1).all()


@given(divisions())
def test_a_division_depends_on_which_labels_are_equal_and_on_the_seed_alone(case):
    labels, fraction, seed = case
    count = int(np.ceil(fraction * len(labels)))
    assume(count >= len(np.unique(labels)) <= len(labels) - count)
    first = split_indices("x", labels, fraction, seed)

    # Other global state, other numbers for the same classes, another integer type.
    np.random.seed(1)
    second = split_indices("y", labels.astype(np.int64) * 7 + 3, fraction, seed)

    np.testing.assert_array_equal(first[0], second[0])
    np.testing.assert_array_equal(first[1], second[1])


def test_another_seed_divides_otherwise():
    labels = np.arange(100, dtype=np.uint8) % 2

    first, second = (split_indices("x", labels, 0.5, seed)[0].tolist() for seed in (0, 1))

    assert first != second
