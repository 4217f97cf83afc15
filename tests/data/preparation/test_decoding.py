"""What of an image file is taken, and what is refused by name rather than made another image."""

import io

import numpy as np
import pytest
from given.data_sources import image_bytes
from given.deep_images import DEEP, wide_png
from PIL import Image

from resnet_depth.base.errors import UserError
from resnet_depth.data.preparation import decoding
from resnet_depth.data.preparation.decoding import FORMATS, decode, fit

# No two pixels are alike, and neither are height and width.
PIXELS = np.arange(24 * 16 * 3).reshape(16, 24, 3) % 251
ORIENTED = {
    1: lambda pixels: pixels,
    2: lambda pixels: pixels[:, ::-1],
    3: lambda pixels: pixels[::-1, ::-1],
    4: lambda pixels: pixels[::-1],
    5: lambda pixels: pixels.swapaxes(0, 1),
    6: lambda pixels: pixels.swapaxes(0, 1)[:, ::-1],
    7: lambda pixels: pixels[::-1, ::-1].swapaxes(0, 1),
    8: lambda pixels: pixels.swapaxes(0, 1)[::-1],
}


def refusal(content, name="pets: cat.png"):
    with pytest.raises(UserError) as caught:
        decode(content, name)
    assert "\n" not in str(caught.value)
    assert str(caught.value).startswith(name)
    return str(caught.value)


@pytest.mark.parametrize(
    ("shape", "crop"),
    [((32, 64), (16, 0, 48, 32)), ((70, 32), (0, 19, 32, 51)), ((32, 32), (0, 0, 32, 32))],
)
def test_the_middle_is_kept_and_not_resampled_where_the_size_fits(shape, crop):
    pixels = np.random.default_rng(0).integers(0, 256, (*shape, 3), dtype=np.uint8)
    image = Image.fromarray(pixels)

    np.testing.assert_array_equal(np.asarray(fit(image, 32)), np.asarray(image.crop(crop)))


def test_making_an_image_smaller_averages_over_all_pixels():
    # One white line in eight. Picking every eighth pixel would give 0 or 255.
    pixels = np.zeros((64, 64, 3), np.uint8)
    pixels[::8] = 255

    small = np.asarray(fit(Image.fromarray(pixels), 8))

    assert abs(small.mean() - 255 / 8) < 2
    assert small.max() < 70


@pytest.mark.parametrize(
    ("mode", "form"),
    [
        *[("L", "PNG"), ("P", "GIF"), ("RGBA", "PNG"), ("CMYK", "JPEG"), ("1", "PNG")],
        *[("RGB", form) for form in FORMATS],
        *[("LA", "PNG"), ("P", "PNG"), ("L", "PPM"), ("1", "PPM"), ("P", "BMP"), ("L", "TIFF")],
    ],
)
def test_every_usual_kind_of_image_becomes_rgb(mode, form):
    white = Image.new("RGB", (32, 32), (255, 255, 255)).convert(mode)

    image = decode(image_bytes(white, form), "pets: cat.png")

    assert (image.mode, image.size) == ("RGB", (32, 32))
    assert (np.asarray(image) >= 254).all()


@pytest.mark.parametrize("content", DEEP.values(), ids=DEEP)
def test_more_than_8_bits_a_channel_are_refused_rather_than_cut(content):
    with Image.open(io.BytesIO(content)) as image:
        image.load()  # Pillow reads the file.

    assert "more than 8 bits a channel; convert it to 8 bits" in refusal(content)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "TIFF"])
@pytest.mark.parametrize("orientation", ORIENTED)
def test_an_image_is_turned_as_its_exif_orientation_says(form, orientation):
    image = Image.fromarray(PIXELS.astype(np.uint8))
    exif = Image.Exif()
    exif[0x0112] = orientation
    written = io.BytesIO()
    # JPEG without loss of note: blocks of one colour each.
    blocks = image.resize((3, 2)).resize((48, 32), Image.Resampling.NEAREST)
    options = {"quality": 100} if form == "JPEG" else {"lossless": True} if form == "WEBP" else {}
    blocks.save(written, form, exif=exif, **options)

    found = np.asarray(decode(written.getvalue(), "cat")).astype(int)

    expected = ORIENTED[orientation](np.asarray(blocks).astype(int))
    assert found.shape == expected.shape
    assert np.abs(found - expected).max() <= (4 if form == "JPEG" else 0)


def with_exif(content):
    written = io.BytesIO()
    Image.fromarray(PIXELS.astype(np.uint8)).save(written, "PNG", exif=content)
    return written.getvalue()


def test_an_image_is_turned_though_the_rest_of_its_exif_is_odd():
    # A rational of which text is the type.
    exif = Image.Exif()
    exif[0x0112], exif[0x011A] = 6, 72.0
    content = exif.tobytes().replace(b"\x01\x1a\0\5", b"\x01\x1a\0\7")

    found = np.asarray(decode(with_exif(content), "cat"))

    np.testing.assert_array_equal(found, ORIENTED[6](PIXELS))


def test_an_image_whose_orientation_can_not_be_read_is_refused():
    said = refusal(with_exif(b"Exif\0\0nonsense"))

    assert "can't be read as an image (its EXIF, which may turn it, is damaged)" in said


def test_an_unknown_orientation_is_none():
    image = Image.fromarray(PIXELS.astype(np.uint8))
    exif = Image.Exif()
    exif[0x0112] = 77
    written = io.BytesIO()
    image.save(written, "PNG", exif=exif)

    np.testing.assert_array_equal(np.asarray(decode(written.getvalue(), "cat")), PIXELS)


def test_of_what_is_no_image_no_decoder_is_started(tmp_path, monkeypatch):
    started = tmp_path / "started"
    (tmp_path / "gs").write_text(f"#!/bin/sh\ntouch '{started}'\n")
    (tmp_path / "gs").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    postscript = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n%%EndComments\n%%EOF\n"

    said = refusal(postscript)

    assert "can't be read as an image (no BMP, GIF, JPEG, PNG, PPM, TIFF or WEBP file" in said
    assert not started.exists()


@pytest.mark.parametrize("size", [(1, 10**8), (8193, 8193), (70_000, 1), (1, 70_000)])
def test_too_many_pixels_are_refused_by_the_header(size):
    # It has no row of them: had it been decoded, the message were another.
    said = refusal(wide_png(*size, rows=0))

    assert f"has {size[0]:,} × {size[1]:,} pixels; allowed: 1 to 67,108,864 in all" in said


@pytest.mark.parametrize("error", [KeyError("x"), MemoryError(), RecursionError("a\nb"), TypeError])
def test_whatever_a_decoder_raises_is_one_line(monkeypatch, error):
    def damaged(*_, **__):
        raise error

    monkeypatch.setattr(decoding.Image, "open", damaged)

    assert "can't be read as an image (" in refusal(b"")
