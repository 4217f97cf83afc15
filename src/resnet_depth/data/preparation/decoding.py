"""Image files as pixels: one decoding, for `prepare` and for `make predict`.

What would silently become another image is refused; so is what takes too long or too much memory.
"""

import io
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError
from PIL.PngImagePlugin import PngImageFile
from PIL.PpmImagePlugin import PpmImageFile
from PIL.TiffImagePlugin import BITSPERSAMPLE, TiffImageFile

from resnet_depth.base.errors import UserError
from resnet_depth.base.messages import told

# Each knows 8 bits a channel, or says that it has more. Others start programs, such as Ghostscript,
# or cut channels to 8 bits without a word.
FORMATS = ("BMP", "GIF", "JPEG", "PNG", "PPM", "TIFF", "WEBP")
# A camera's largest are smaller; their pixels take 256 MiB.
MOST_PIXELS = 2**26
LONGEST_SIDE = 2**16 - 1
BITS = 8
STDERR = 2


def fit(image: Image.Image, size: int) -> Image.Image:
    """Return the middle square of an image, scaled to `size` pixels a side.

    The shorter side decides the scale. Scaling is bilinear and, where it makes an image smaller,
    averages over all pixels that fall together. An image that has the size already is unchanged.
    """
    return ImageOps.fit(image, (size, size), Image.Resampling.BILINEAR)


def decode(content: bytes, name: str) -> Image.Image:
    """Return the image, as RGB, in an image file's bytes.

    It is turned as its EXIF orientation says. Transparency is dropped, of an animation the first
    image is taken.

    Raises:
        UserError: If it can't be read, has more than 8 bits a channel, no pixel, or more than
            `MOST_PIXELS`, or is longer than `LONGEST_SIDE`; it is named.
    """
    try:
        with warnings.catch_warnings():
            # Of metadata; what touches the pixels is refused.
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(content), formats=FORMATS) as image:
                _require_allowed(image, name)
                with _silent() if isinstance(image, TiffImageFile) else nullcontext():
                    image.load()
                return _upright(image)
    except UserError:
        raise
    except UnidentifiedImageError:
        reason = f"no {', '.join(FORMATS[:-1])} or {FORMATS[-1]} file, or damaged in its header"
    except Exception as error:
        # A damaged file can raise nearly anything.
        reason = told(str(error)) or type(error).__name__
    raise UserError(f"{name} can't be read as an image ({reason}); replace or remove it")


@contextmanager
def _silent() -> Iterator[None]:
    """Keep libtiff from writing to stderr, which names no file; it says the same by its result."""
    kept = os.dup(STDERR)
    try:
        with Path(os.devnull).open("wb") as nowhere:
            os.dup2(nowhere.fileno(), STDERR)
        yield
    finally:
        os.dup2(kept, STDERR)
        os.close(kept)


def _upright(image: Image.Image) -> Image.Image:
    """Return an image as RGB, turned as its EXIF orientation says."""
    upright = image.convert("RGB")
    try:
        orientation = image.getexif().get(ExifTags.Base.Orientation)
    except Exception:
        raise ValueError("its EXIF, which may turn it, is damaged") from None
    # Alone: Pillow writes all that there is anew, which it can't always.
    upright.info.clear()
    upright.getexif()[ExifTags.Base.Orientation] = orientation
    return ImageOps.exif_transpose(upright)


def _require_allowed(image: Image.Image, name: str) -> None:
    """Refuse an image by its header, before it takes memory."""
    if not 0 < image.width * image.height <= MOST_PIXELS or max(image.size) > LONGEST_SIDE:
        raise UserError(
            f"{name} has {image.width:,} × {image.height:,} pixels; allowed: 1 to {MOST_PIXELS:,} "
            f"in all and at most {LONGEST_SIDE:,} a side; make it smaller"
        )
    if _is_deep(image):
        raise UserError(f"{name} has more than {BITS} bits a channel; convert it to {BITS} bits")


def _is_deep(image: Image.Image) -> bool:
    """Return whether the file has more than 8 bits a channel, whatever Pillow makes of it."""
    if image.mode.startswith(("I", "F")):
        return True
    if isinstance(image, TiffImageFile):
        return any(bits > BITS for bits in image.tag_v2.get(BITSPERSAMPLE, ()))
    # How each tile is to be unpacked: of PNG such as RGB;16B, of PPM with the largest value.
    ways = [tile.args for tile in getattr(image, "tile", ())]
    if isinstance(image, PpmImageFile):
        return any(isinstance(way, tuple) and way[-1] >= 2**BITS for way in ways)
    return isinstance(image, PngImageFile) and any("16" in str(way) for way in ways)
