"""Damage to files, drawn from a seed: bytes changed, cut out, repeated, with checksums mended."""

import struct
import tarfile
import zlib

# What sizes and offsets are wrong by.
VALUES = [0, 1, 2, 7, 127, 128, 255, 256, 2**15, 2**16 - 1, 2**31 - 1, 2**31, 2**32 - 1, 2**63]
TAR_BLOCK = 512


def mutated(content, random):
    """Return the content with one to four changes, most of them near its beginning."""
    changed = bytearray(content)
    for _ in range(random.choice([1, 1, 1, 2, 4])):
        if not changed:
            break
        near = min(len(changed), random.choice([32, 64, 600, 2**20]))
        at = random.randrange(near)
        length = random.choice([1, 2, 4, 8, 40, 512])
        match random.randrange(7):
            case 0:
                changed[at] ^= 1 << random.randrange(8)
            case 1:
                changed[at] = random.randrange(256)
            case 2:
                size = random.choice([1, 2, 4, 8])
                order = random.choice(["big", "little"])
                value = random.choice(VALUES) % 256**size
                changed[at : at + size] = value.to_bytes(size, order)
            case 3:
                del changed[at : at + length]
            case 4:
                changed[at:at] = changed[at : at + length]
            case 5:
                changed[at:at] = random.randbytes(length)
            case 6:
                del changed[at + length :]
    return bytes(changed)


def with_png_checksums(content):
    """Return a PNG file whose chunks' checksums fit, so that what they hold is looked at."""
    mended, at = bytearray(content), 8
    while at + 12 <= len(mended):
        (length,) = struct.unpack_from(">I", mended, at)
        end = at + 8 + length
        if end + 4 > len(mended):
            break
        struct.pack_into(">I", mended, end, zlib.crc32(mended[at + 4 : end]))
        at = end + 4
    return bytes(mended)


def with_tar_checksums(content):
    """Return a tar whose headers' checksums fit, where a block looks like a header."""
    mended = bytearray(content)
    for at in range(0, len(mended) - TAR_BLOCK + 1, TAR_BLOCK):
        block = bytes(mended[at : at + TAR_BLOCK])
        if b"ustar" in block[250:270]:
            checksum = tarfile.calc_chksums(block)[0]
            mended[at + 148 : at + 156] = b"%06o\0 " % checksum
    return bytes(mended)
