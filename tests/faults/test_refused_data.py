"""Images and archives that can't be used, at the command line: one line, status 1, nothing left."""

import gzip
import os
import subprocess
import tarfile
from pathlib import Path

import pytest
from given.data_sources import image_bytes, image_files, write_archive
from given.deep_images import deep_ppm, wide_png
from given.tiny_study import edit_yaml
from given.warm_python import warm_python
from PIL import Image

from resnet_depth.data.download.image_folders import content_digest, spool_images

ROOT = Path(__file__).parents[2]
FILES = image_files(train=4, test=2)
POSTSCRIPT = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n%%EndComments\n%%EOF\n"
EQUAL = Image.new("RGB", (32, 32), "red")


def stage(root, name, *options, **environment):
    """Run a stage on the dataset `pets`; return its status and the lines on stderr."""
    done = subprocess.run(
        [
            *(
                str(warm_python() / "python"),
                str(ROOT / "stages" / f"{name}.py"),
                "--params",
                "params.yaml",
            ),
            *("--dataset", "pets", *options),
        ],
        cwd=root,
        env=os.environ | {"PYTHONPATH": str(ROOT / "src")} | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    # A bar that stands for what was read isn't part of what is said of the fault.
    return done.returncode, [line for line in done.stderr.splitlines() if "% of " not in line]


def download(root, source):
    options = ("--partial", "pets.part", "--out", "raw")
    return stage(root, "download", *options, PETS_SOURCE=str(source))


@pytest.fixture
def pets(tmp_path):
    """A folder with settings in which `pets` is a dataset of images, of a digest to be set."""
    (tmp_path / "params.yaml").write_bytes((ROOT / "params.yaml").read_bytes())

    def add(params):
        params["datasets"]["pets"] = dict(params["datasets"]["cifar10_jpeg"]) | {"digest": None}

    edit_yaml(tmp_path / "params.yaml", add)
    return tmp_path


def set_digest(root, source):
    with (root / "spool").open("w+b") as spool:
        digest = content_digest(spool_images(source, spool, "pets"))
    edit_yaml(root / "params.yaml", lambda params: params["datasets"]["pets"].update(digest=digest))


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (deep_ppm(), "pets: train/cat/0001.png has more than 8 bits a channel"),
        (wide_png(1, 10**8, rows=0), "pets: train/cat/0001.png has 1 × 100,000,000 pixels"),
        (POSTSCRIPT, "pets: train/cat/0001.png can't be read as an image (no BMP"),
        (image_bytes(EQUAL, "BMP"), "pets: equal images: 1 of test are in train too; 2 have"),
    ],
    ids=["deep", "many pixels", "PostScript", "equal"],
)
def test_an_image_that_is_refused_is_one_line_and_leaves_nothing(pets, content, fault):
    files = {"train/cat/0001.png": content, "test/dog/0001.png": image_bytes(EQUAL)}
    archive = write_archive(pets / "pets.tar", FILES | files)
    set_digest(pets, archive)
    edit_yaml(
        pets / "params.yaml",
        lambda params: params["prepare"].update(duplicates="refuse", validation_fraction=0),
    )
    assert download(pets, archive) == (0, [])

    status, said = stage(pets, "prepare", "--raw", "raw", "--out", "prepared")

    assert (status, len(said)) == (1, 1)
    assert said[0].startswith(fault)
    assert not (pets / "prepared").exists()
    assert not list(pets.glob("*.tmp"))


def bomb(path):
    header = tarfile.TarInfo("train/cat/1.bmp")
    header.size = 2**28
    with gzip.open(path, "wb", compresslevel=1) as file:
        for _ in range(2):
            file.write(header.tobuf() + b"\0" * 2**20)


def endless_header(path):
    header = tarfile.TarInfo("x")
    header.type, header.size = tarfile.XHDTYPE, 2**32
    with gzip.open(path, "wb", compresslevel=1) as file:
        file.write(header.tobuf() + b"1" * 2**22)


def damaged_in_the_middle(path):
    whole = bytearray(write_archive(path, FILES).read_bytes())
    whole[whole.index(b"train/dog/0002.png") + 150] ^= 1
    path.write_bytes(whole)


@pytest.mark.parametrize(
    ("write", "fault"),
    [
        (bomb, "'train/cat/1.bmp' is where it unpacks to 268,435,456 bytes"),
        (endless_header, "can't be read as a tar (a header has more than 1,048,576 bytes)"),
        (damaged_in_the_middle, "can't be read as a tar (bad checksum)"),
    ],
)
def test_an_archive_that_is_refused_is_one_line_and_leaves_nothing(pets, write, fault):
    write(pets / "pets.tar")

    status, said = download(pets, pets / "pets.tar")

    assert (status, len(said)) == (1, 1)
    assert said[0].startswith(f"{pets / 'pets.tar'}: {fault}")
    assert sorted(path.name for path in pets.iterdir()) == ["params.yaml", "pets.tar"]
