"""Damaged images, tars and arrays: each is used or is one line that names it, never a traceback.

A case's damage is drawn from a seed and the case's number, so that one that fails can be repeated.
"""

import gzip
import io
import random
import tarfile

import numpy as np
import pytest
from given.data_sources import cifar_archive, image_files, write_archive
from given.deep_images import DEEP
from given.mutations import mutated, with_png_checksums, with_tar_checksums
from PIL import Image

from resnet_depth.base.errors import UserError
from resnet_depth.base.messages import escaped
from resnet_depth.data.download.image_folders import spool_images, write_tar
from resnet_depth.data.preparation.decoding import FORMATS, decode, fit
from resnet_depth.data.preparation.readers import read_cifar10, read_image_tar
from resnet_depth.data.prepared import load_part

SLOW_SEEDS = range(1, 6)
LONGEST_LINE = 600


def seeds(quick, slow):
    """How many cases there are of a seed: a few of seed 0, and many of others."""
    many = [pytest.param(seed, slow, marks=pytest.mark.slow) for seed in SLOW_SEEDS]
    return pytest.mark.parametrize(("seed", "cases"), [(0, quick), *many])


def used_or_refused(name, action, *arguments):
    """Whether an action ends well; otherwise it says so in one line that has the name."""
    try:
        action(*arguments)
    except UserError as error:
        said = str(error)
        assert name in said
        assert escaped(said) == said
        assert said.encode()
        assert len(said) < LONGEST_LINE
        return False
    return True


def image_samples():
    """Small images of every kind and mode, with metadata, with several frames, and deep ones."""
    grey = Image.fromarray((np.arange(20 * 30).reshape(20, 30) % 256).astype(np.uint8))
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 6, "a title"
    samples = list(DEEP.values())
    for form in FORMATS:
        for mode in ("1", "L", "P", "RGB", "RGBA", "LA", "CMYK"):
            options = {"exif": exif} if form in ("JPEG", "PNG", "TIFF", "WEBP") else {}
            try:
                file = io.BytesIO()
                grey.convert("RGB").convert(mode).save(file, form, **options)
            except (OSError, ValueError):
                continue  # There is no such file.
            samples.append(file.getvalue())
    for form in ("GIF", "PNG", "TIFF", "WEBP"):
        file = io.BytesIO()
        grey.save(file, form, save_all=True, append_images=[grey.rotate(9)] * 2)
        samples.append(file.getvalue())
    for compression in ("tiff_lzw", "tiff_adobe_deflate", "jpeg", "packbits"):
        file = io.BytesIO()
        grey.convert("RGB").save(file, "TIFF", compression=compression)
        samples.append(file.getvalue())
    return samples


@seeds(quick=400, slow=4000)
def test_damaged_images_are_used_or_refused_by_name(seed, cases, capfd):
    samples = image_samples()
    used = 0
    for case in range(cases):
        chance = random.Random(f"image {seed} {case}")
        content = mutated(samples[case % len(samples)], chance)
        if chance.random() < 0.7:
            content = with_png_checksums(content)
        name = f"pets: train/cat/{case}.png"
        used += used_or_refused(name, from_file, content, name)

    # Neither all too harmless nor all beyond recognition.
    assert cases * 0.05 < used < cases * 0.95
    assert capfd.readouterr() == ("", ""), "libraries said something"


def from_file(content, name):
    fit(decode(content, name), 32)


def tar_samples():
    """Small tars of images, of every compression and with the members that tars can have."""
    files = image_files(train=2, test=1, size=8)
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for name, content in files.items():
            member = tarfile.TarInfo(f"./{'long' * 40}/{name}")
            member.size, member.pax_headers = len(content), {"comment": "é"}
            tar.addfile(member, io.BytesIO(content))
        for kind in (tarfile.LNKTYPE, tarfile.DIRTYPE):
            member = tarfile.TarInfo(f"{'long' * 40}/train/cat{'/x.png' * (kind == b'1')}")
            member.type = kind
            member.linkname = f"{'long' * 40}/train/cat/0000.png" * (kind == tarfile.LNKTYPE)
            tar.addfile(member)
    sparse = tarfile.TarInfo("train/cat/0000.png")
    sparse.pax_headers = {"GNU.sparse.major": "1", "GNU.sparse.minor": "0"}
    sparse.pax_headers |= {"GNU.sparse.name": "x", "GNU.sparse.realsize": "600"}
    sparse.size = 1024
    old = tarfile.TarInfo("train/cat/0000.png")
    old.type, old.size = tarfile.GNUTYPE_SPARSE, 512
    return [
        plain.getvalue(),
        sparse.tobuf(tarfile.PAX_FORMAT) + b"1\n0\n512\n".ljust(1024, b"\0") + b"\0" * 1024,
        old.tobuf(tarfile.GNU_FORMAT) + b"\0" * 2048,
    ]


@seeds(quick=100, slow=1000)
def test_damaged_tars_are_used_or_refused_by_name(seed, cases, tmp_path):
    (tmp_path / "plain").mkdir()
    files = image_files(train=2, test=1, size=8)
    samples = tar_samples()
    for form in (tarfile.GNU_FORMAT, tarfile.USTAR_FORMAT):
        with tarfile.open(tmp_path / "a.tar", "w", format=form) as tar:
            for name, content in files.items():
                member = tarfile.TarInfo(name)
                member.size = len(content)
                tar.addfile(member, io.BytesIO(content))
        samples.append((tmp_path / "a.tar").read_bytes())
    samples += [
        write_archive(tmp_path / "a.tar", files, f"w:{packer}").read_bytes()
        for packer in ("gz", "bz2", "xz")
    ]
    used = 0
    for case in range(cases):
        chance = random.Random(f"tar {seed} {case}")
        content = mutated(samples[case % len(samples)], chance)
        if chance.random() < 0.7:
            content = with_tar_checksums(content)
        if chance.random() < 0.2:
            content = gzip.compress(content, 1)
        path = tmp_path / "pets.tar"
        path.write_bytes(content)
        used += used_or_refused("pets.tar", from_tar, path, tmp_path / "images.tar")
        # As if it had been written so by the stage before.
        used_or_refused("pets.tar", read_image_tar, path, 8, "pets.tar")

    assert cases * 0.05 < used < cases * 0.95


def from_tar(path, raw):
    with raw.with_name("spool").open("w+b") as spool:
        write_tar(spool_images(path, spool, "pets"), spool, raw)
    read_image_tar(raw, 8, "pets.tar")


@seeds(quick=60, slow=300)
def test_damaged_archives_of_cifar10_are_used_or_refused_by_name(seed, cases, tmp_path):
    whole = gzip.decompress(cifar_archive(tmp_path / "a.tar.gz").read_bytes())
    starts = [at for at in range(0, len(whole), 512) if b"ustar" in whole[at + 250 : at + 270]]
    path = tmp_path / "cifar.tar.gz"
    used = 0
    for case in range(cases):
        chance = random.Random(f"cifar {seed} {case}")
        # Damage near the beginning of a member reaches its header or its pickle's.
        at = chance.choice(starts) + chance.choice([0, 512])
        content = whole[:at] + mutated(whole[at:], chance)
        content = content.ljust(-len(content) // 512 * -512, b"\0")
        path.write_bytes(gzip.compress(with_tar_checksums(content), 1))
        used += used_or_refused("cifar.tar.gz", read_cifar10, path, 32)

    assert cases * 0.05 < used < cases * 0.95


@seeds(quick=60, slow=300)
def test_damaged_prepared_arrays_are_used_or_refused_by_name(seed, cases, tmp_path):
    np.save(tmp_path / "test_images.npy", np.zeros((6, 8, 8, 3), np.uint8))
    np.save(tmp_path / "test_labels.npy", np.arange(6, dtype=np.uint8) % 3)
    whole = {path: path.read_bytes() for path in tmp_path.iterdir()}
    used = 0
    for case in range(cases):
        chance = random.Random(f"array {seed} {case}")
        path = chance.choice(sorted(whole))
        path.write_bytes(mutated(whole[path], chance))
        used += used_or_refused("test_", load_part, tmp_path, "test")
        path.write_bytes(whole[path])

    assert cases * 0.05 < used < cases * 0.95
