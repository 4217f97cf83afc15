"""What a network says of images: as in its validation, and one line for what can't be used."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from given.deep_images import deep_png
from PIL import Image

from resnet_depth.base.errors import UserError
from resnet_depth.base.files import read_json
from resnet_depth.commands.predicting.predict import predict, predict_examples
from resnet_depth.data.prepared import load_part
from resnet_depth.runs.names import Network

ROOT = Path(__file__).parents[3]
NETWORK = Network("reference", 18)


@pytest.fixture
def photos(exported, tmp_path):
    """The validation images as files of a folder, in their order; beside them a hidden file."""
    folder = tmp_path / "some photos"
    folder.mkdir()
    for index, image in enumerate(load_part(exported.data, "validation").images):
        Image.fromarray(image).save(folder / f"{index:02}.png")
    for name in (".hidden", "Thumbs.db", "desktop.ini"):
        (folder / name).write_text("no image")
    return folder


def told(exported, *images, top=1):
    return predict(exported.root, "digits", NETWORK, images, top)


def test_a_folder_of_the_validation_images_gives_the_validation_accuracy(exported, photos):
    found = told(exported, photos)
    labels = load_part(exported.data, "validation").labels

    right = [
        next(iter(one.classes)) == str(label) for one, label in zip(found, labels, strict=True)
    ]
    record = read_json(exported.folder / "export.json")
    assert np.mean(right) == record["onnx_validation_accuracy"]
    assert [one.image.name for one in found] == [f"{index:02}.png" for index in range(20)]


def test_probabilities_are_the_largest_in_order(exported, photos):
    (all_ten,) = told(exported, photos / "00.png", top=99)
    (three,) = told(exported, photos / "00.png", top=3)

    shares = list(all_ten.classes.values())
    assert shares == sorted(shares, reverse=True)
    assert sum(shares) == pytest.approx(1)
    assert set(all_ten.classes) == set("0123456789")
    assert list(three.classes.items()) == list(all_ten.classes.items())[:3]


def test_an_image_of_another_size_is_cut_and_scaled_as_prepare_does(exported, photos, tmp_path):
    # The middle square of a wide image, of twice the size: it comes out as it was.
    small = Image.open(photos / "03.png")
    wide = Image.new("RGB", (100, 64))
    wide.paste(small.resize((64, 64), Image.Resampling.NEAREST), (18, 0))
    wide.save(tmp_path / "wide.png")

    (expected,), (found,) = (
        told(exported, photos / "03.png", top=10),
        told(exported, tmp_path / "wide.png", top=10),
    )

    assert found.classes == pytest.approx(expected.classes, abs=0.05)


def test_a_photo_that_lies_on_its_side_is_turned_as_its_exif_says(exported, photos, tmp_path):
    upright, exif = Image.open(photos / "03.png"), Image.Exif()
    exif[0x0112] = 6  # To be turned by 90° clockwise.
    upright.transpose(Image.Transpose.ROTATE_90).save(tmp_path / "photo.png", exif=exif)

    (expected,), (found,) = (
        told(exported, photos / "03.png"),
        told(exported, tmp_path / "photo.png"),
    )

    assert found.classes == expected.classes


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, ": No such file or directory; name an image file or a folder"),
        (b"no image", " can't be read as an image ("),
        ("one pixel", ": 1×1 pixels; allowed: at least 2 a side"),
        ("16 bits", " has more than 8 bits a channel; convert it to 8 bits"),
        ("device", ": allowed: an image file of at most 268,435,456 bytes, or a folder"),
        ("huge", ": allowed: an image file of at most 268,435,456 bytes, or a folder"),
        ("deep colour", " has more than 8 bits a channel; convert it to 8 bits"),
        ("empty folder", ": no image in this folder; name one that holds some"),
    ],
)
def test_what_can_not_be_used_is_one_line_that_names_it(exported, tmp_path, content, message):
    path = tmp_path / "photo.png"
    if content == "one pixel":
        Image.new("RGB", (1, 1)).save(path)
    elif content == "16 bits":
        Image.fromarray(np.zeros((9, 9), np.uint16)).save(path)
    elif content == "empty folder":
        path.mkdir()
    elif content == "device":
        os.mkfifo(path)
    elif content == "huge":
        path.touch()
        os.truncate(path, 2**40)
    elif content == "deep colour":
        path.write_bytes(deep_png("rgba"))
    elif content is not None:
        path.write_bytes(content)

    with pytest.raises(UserError) as caught:
        told(exported, path)

    assert str(caught.value).startswith(f"{path}{message}")
    assert "\n" not in str(caught.value)


def test_a_network_that_is_not_there_yet_names_the_stage_that_makes_it(exported, photos):
    with pytest.raises(UserError, match="missing; 'dvc repro export@digits-fast-50' makes it"):
        predict(exported.root, "digits", Network("fast", 50), [photos], 1)


@pytest.mark.parametrize(
    ("damage", "fault"),
    [(lambda whole: whole[:100_000], "ONNX Runtime can't read it"), (None, "changed since it was")],
)
def test_a_damaged_network_is_one_line(exported, photos, tmp_path, damage, fault):
    shutil.copytree(exported.root / "data" / "exports", tmp_path / "data" / "exports")
    file = tmp_path / "data/exports/digits/reference/resnet18/model.onnx"
    whole = file.read_bytes()
    # A weight in the middle is another number: the file can be read all the same.
    middle = len(whole) // 2
    file.write_bytes(damage(whole) if damage else whole[:middle] + b"\0" + whole[middle + 1 :])

    with pytest.raises(UserError) as caught:
        predict(tmp_path, "digits", NETWORK, [photos], 1)

    assert fault in str(caught.value)
    assert str(caught.value).endswith("and repeat 'dvc repro export@digits-reference-18'")
    assert "\n" not in str(caught.value)


@pytest.fixture
def studied(exported, tmp_path):
    """The exported network beside a test part and the table of its examples."""
    shutil.copytree(exported.root / "data", tmp_path / "data")
    validation = load_part(exported.data, "validation").images
    np.save(tmp_path / "data" / "prepared" / "digits" / "test_images.npy", validation)
    rows = ["recipe,group,index,actual,depth", "fast,most_wrong,1,5,18"]
    # Two depths' rows of an image, and one that is in both groups.
    rows += [
        f"reference,most_wrong,{index},{index}9,{depth}" for index in (7, 3) for depth in (1, 2)
    ]
    rows += ["reference,only_deepest,3,39,18"]
    (tmp_path / "plots" / "digits").mkdir(parents=True)
    (tmp_path / "plots" / "digits" / "examples.csv").write_text("\n".join(rows) + "\n")
    return tmp_path


def test_examples_are_the_test_images_that_the_table_has_of_the_recipe_each_once(
    exported, studied, photos
):
    seventh, third = told(exported, photos / "07.png", photos / "03.png", top=10)

    found = predict_examples(studied, "digits", NETWORK, 10)

    assert [(one.image, one.actual) for one in found] == [(7, "79"), (3, "39")]
    assert [one.classes for one in found] == [seventh.classes, third.classes]


def test_the_command_prints_an_examples_index_and_class_or_json(studied):
    first, _ = predict_examples(studied, "digits", NETWORK, 2)
    name, share = next(iter(first.classes.items()))

    lines = command(studied, "--examples").stdout.splitlines()
    rows = json.loads(command(studied, "--examples", "--top", "2", "--json").stdout)

    assert len(lines) == 2
    assert lines[0] == f"test image 7, actual 79: {name} ({100 * share:.1f}%)"
    assert rows[0] == {"index": 7, "actual": "79", "classes": first.classes}


def test_examples_that_are_not_there_are_one_line_that_says_what_to_do(studied):
    table = studied / "plots" / "digits" / "examples.csv"
    table.write_text(table.read_text().replace("reference", "other"))
    with pytest.raises(
        UserError, match="no examples of recipe reference; there are of: fast, other"
    ):
        predict_examples(studied, "digits", NETWORK, 1)

    table.unlink()
    with pytest.raises(UserError, match="missing; 'dvc repro summarize@digits' makes it"):
        predict_examples(studied, "digits", NETWORK, 1)


@pytest.mark.parametrize("arguments", [(), ("--examples", "photo.jpg")])
def test_images_or_examples_are_asked_about_not_both_or_neither(tmp_path, arguments):
    done = command(tmp_path, *arguments)

    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert "IMAGE=photo.jpg" in done.stderr
    assert "ARGS=--examples" in done.stderr


def command(root, *arguments):
    options = ("--root", str(root), "--dataset", "digits", "--recipe", "reference", "--depth", "18")
    return subprocess.run(
        [sys.executable, "-m", "resnet_depth.commands.predicting", *options, *arguments],
        env=os.environ | {"PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_command_prints_a_line_an_image_or_json(exported, photos):
    images = (str(photos / "00.png"), str(photos / "01.png"))
    first, second = told(exported, photos / "00.png", photos / "01.png", top=2)

    lines = command(exported.root, *images).stdout.splitlines()
    rows = json.loads(command(exported.root, *images, "--top", "2", "--json").stdout)

    name, share = next(iter(first.classes.items()))
    assert len(lines) == 2
    assert lines[0] == f"{photos / '00.png'}: {name} ({100 * share:.1f}%)"
    assert [row["image"] for row in rows] == [str(photos / "00.png"), str(photos / "01.png")]
    assert [list(row["classes"]) for row in rows] == [list(first.classes), list(second.classes)]


def test_the_commands_mistakes_are_one_line_and_status_1(exported, tmp_path):
    done = command(tmp_path, "photo.jpg")

    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert "dvc repro export@digits-reference-18" in done.stderr


def test_it_loads_no_torch():
    program = "import sys, resnet_depth.commands.predicting.__main__; print('torch' in sys.modules)"
    environment = os.environ | {"PYTHONPATH": str(ROOT / "src")}

    done = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True
    )

    assert done.stdout == "False\n"
