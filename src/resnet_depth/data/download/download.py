"""Getting a dataset from outside, verified, into a folder of raw files."""

import hashlib
import shutil
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
from sklearn.datasets import load_digits

from resnet_depth.base.errors import UserError
from resnet_depth.base.files import replacing_folder
from resnet_depth.data.download import raw_files
from resnet_depth.data.download.image_folders import content_digest, spool_images, write_tar
from resnet_depth.data.download.layout import LAYOUT
from resnet_depth.data.download.settings import DatasetSettings
from resnet_depth.data.fetching.fetch import FetchError, digest_like, fetch
from resnet_depth.data.fetching.settings import Limits
from resnet_depth.data.fetching.sources import is_address, source_path, source_variable

NO_DOWNLOAD = "'make run' for the study on images that need no download"

# What to do about content with another digest than the settings have.
REMEDIES = {
    "digits": "install the version that requirements.lock names",
    "cifar10": f"get {raw_files.CIFAR10_ARCHIVE} anew, this file is damaged or another one",
    "image_folder": "get the right files, or write the other digest there if these are meant",
}


def download(
    key: str,
    settings: DatasetSettings,
    source: str | None,
    partial: Path,
    out: Path,
    limits: Limits,
) -> None:
    """Write the raw files of a dataset, once their content has the digest of the settings, if any.

    Args:
        key: The dataset's key under `datasets`.
        settings: Its section.
        source: Value of its environment variable, see `fetching.sources`; None if that isn't set.
            For `cifar10` the one file or http(s) address to take in place of the
            hosts; for `image_folder` the folder or tar.
        partial: File that collects a download over HTTP, so that a later call resumes it.
        out: Folder to replace.
        limits: When a host is left for the next one.

    Raises:
        UserError: If the content can't be had or has another digest. `out` is then as it was.
    """
    if settings.kind == "digits":
        _write_digits(key, settings, source, out)
    elif settings.kind == "cifar10":
        limits = replace(limits, largest=settings.size or limits.largest)
        _write_archive(key, settings, source, partial, out, limits)
    else:
        _write_images(key, settings, source, out)


def _write_digits(key: str, settings: DatasetSettings, source: str | None, out: Path) -> None:
    """Write scikit-learn's digits as two arrays; the digest is over both files, images first."""
    names = raw_files.DIGITS_IMAGES, raw_files.DIGITS_LABELS
    if source is not None:
        variable = source_variable(key)
        raise UserError(f"{variable} is set, but {key} comes with scikit-learn; unset {variable}")
    digits = load_digits()
    with replacing_folder(out) as folder:
        for name, array in zip(names, (digits.images, digits.target), strict=True):
            np.save(folder / name, array.astype(np.uint8))
        content = b"".join((folder / name).read_bytes() for name in names)
        actual = f"sha256:{hashlib.sha256(content).hexdigest()}"
        _verify(key, settings, "the data of the installed scikit-learn", actual)


def _write_archive(
    key: str,
    settings: DatasetSettings,
    source: str | None,
    partial: Path,
    out: Path,
    limits: Limits,
) -> None:
    """Write CIFAR-10's archive, from the source if there is one, else from the first host."""
    assert settings.digest is not None  # The section is refused without one.
    archive = out / raw_files.CIFAR10_ARCHIVE
    if archive.is_file() and digest_like(settings.digest, archive) == settings.digest:
        # DVC was told to leave an earlier output there; nothing has to be fetched again.
        return
    if source is not None and not is_address(source):
        allowed = f"allowed: the file {archive.name}, or its http or https address"
        place = source_path(key, source, f"{allowed}; or type {NO_DOWNLOAD}")
        with replacing_folder(out) as folder:
            # What is verified is the copy that is kept.
            copy = shutil.copyfile(place, folder / archive.name)
            _verify(key, settings, str(place), digest_like(settings.digest, copy))
        return
    addresses = settings.hosts if source is None else (source,)
    try:
        fetch(key, addresses, settings.digest, partial, limits)
    except FetchError as error:
        raise UserError(
            f"{key} couldn't be downloaded. Tried:\n{error.tried}\n"
            "Three ways on: repeat the command, which resumes what has arrived; name another "
            f"place by {source_variable(key)}=<file or URL>, such as a copy of {archive.name} "
            f"on disk; or type {NO_DOWNLOAD}."
        ) from None
    with replacing_folder(out) as folder:
        # Not moved: what refuses the output at its end would take the download with it.
        shutil.copyfile(partial, folder / archive.name)
    partial.unlink()


def _write_images(key: str, settings: DatasetSettings, source: str | None, out: Path) -> None:
    """Write the images of a folder or tar as a tar whose bytes depend on the content alone."""
    if source is None:
        raise UserError(
            f"{key}: {source_variable(key)} isn't set; set it to a folder or tar that holds "
            "train/<class>/<image> and test/<class>/<image>"
        )
    place = source_path(key, source, LAYOUT, folder=True)
    with replacing_folder(out) as folder:
        spool = folder / "spool.tmp"
        with spool.open("w+b") as file:
            images = spool_images(place, file, f"{key}: reading {place.name}")
            _verify(key, settings, str(place), content_digest(images))
            write_tar(images, file, folder / raw_files.IMAGES_TAR)
        spool.unlink()


def _verify(key: str, settings: DatasetSettings, place: str, actual: str) -> None:
    """Refuse content that isn't the one the settings name; say which it is where they name none."""
    if settings.digest is None:
        print(
            f"{key}: its content isn't pinned; to have any other than that of {place} refused, "
            f"write 'digest: {actual}' at datasets.{key} in params.yaml",
            file=sys.stderr,
        )
    elif actual != settings.digest:
        raise UserError(
            f"{key}: {place} has the digest {actual}, but params.yaml has datasets.{key}.digest: "
            f"{settings.digest}; {REMEDIES[settings.kind]}"
        )
