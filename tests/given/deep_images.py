"""Image files with more than 8 bits a channel, which Pillow can't write, in their real formats."""

import struct
import zlib

SIDE = 9
# Of 16 bits; cut to 8 it is black.
VALUE = 200
PNG_COLOURS = {"grey": (0, 1), "rgb": (2, 3), "grey and alpha": (4, 2), "rgba": (6, 4)}


def deep_png(colour):
    """A PNG file of 16 bits a channel."""
    kind, channels = PNG_COLOURS[colour]
    row = b"\0" + struct.pack(">H", VALUE) * SIDE * channels
    header = struct.pack(">IIBBBBB", SIDE, SIDE, 16, kind, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(row * SIDE)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(*chunk) for chunk in chunks)


def wide_png(width, height, rows=None):
    """A PNG file of black pixels, 8 bits of grey each; of its rows only so many are there."""
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    pixels = zlib.compress(b"\0" * (width + 1) * (height if rows is None else rows))
    chunks = ((b"IHDR", header), (b"IDAT", pixels), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(*chunk) for chunk in chunks)


def _chunk(name, content):
    checksum = zlib.crc32(name + content)
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", checksum)


def deep_ppm(channels=3, plain=False, largest=65535):
    """A PPM or PGM file of two bytes a channel, or of numbers as text."""
    magic = {(3, False): 6, (3, True): 3, (1, False): 5, (1, True): 2}[channels, plain]
    count = SIDE * SIDE * channels
    body = (f"{VALUE} " * count).encode() if plain else struct.pack(">H", VALUE) * count
    return f"P{magic}\n{SIDE} {SIDE}\n{largest}\n".encode() + body


def deep_tiff(order="<", channels=3, bits=16, planar=1):
    """A TIFF file of so many bits a channel, uncompressed, in either byte order."""
    body = struct.pack(f"{order}H", VALUE) * SIDE * SIDE * channels
    plane = len(body) // channels
    tags = {  # Number: type, count, value or values; 3 is 16 bits wide, 4 is 32.
        256: (3, SIDE), 257: (3, SIDE), 258: (3, *[bits] * channels), 259: (3, 1),
        262: (3, 2 if channels > 2 else 1), 277: (3, channels), 278: (3, SIDE), 284: (3, planar),
    }  # fmt: skip
    if channels == 4:
        tags[338] = (3, 2)
    strips = channels if planar == 2 else 1
    start = 8
    tags[273] = (4, *(start + k * plane for k in range(strips)))
    tags[279] = (4, *[len(body) // strips] * strips)
    entries, apart = b"", b""
    directory = start + len(body)
    end = directory + 2 + 12 * len(tags) + 4
    for number, (kind, *values) in sorted(tags.items()):
        letter = {3: "H", 4: "I"}[kind]
        packed = struct.pack(f"{order}{len(values)}{letter}", *values)
        if len(packed) > 4:
            packed, apart = struct.pack(f"{order}I", end + len(apart)), apart + packed
        entries += struct.pack(f"{order}HHI", number, kind, len(values)) + packed.ljust(4, b"\0")
    magic = b"II*\0" if order == "<" else b"MM\0*"
    return b"".join(
        (
            *(magic, struct.pack(f"{order}I", directory), body),
            *(struct.pack(f"{order}H", len(tags)), entries, b"\0" * 4, apart),
        )
    )


DEEP = {
    **{f"PNG {colour}": deep_png(colour) for colour in PNG_COLOURS},
    **{f"TIFF {order}{n}": deep_tiff(order, n) for order in "<>" for n in (1, 3, 4)},
    "TIFF in planes": deep_tiff(planar=2),
    "PPM": deep_ppm(),
    "PPM of 10 bits": deep_ppm(largest=1023),
    "PPM as text": deep_ppm(plain=True),
    "PGM": deep_ppm(1),
    "PGM as text": deep_ppm(1, plain=True),
    "PFM": f"Pf\n{SIDE} {SIDE}\n-1.0\n".encode() + struct.pack("<f", 0.5) * SIDE * SIDE,
}
