"""The names of the files in data/raw/<dataset>/, what an image's can be, and images' digest.

`download` writes them and `prepare` reads them; neither needs the other's code.

The content of images has a digest of its own, the same for a folder and for any tar of it: the
SHA-256 of a manifest with a line `<SHA-256 of the file>  <path>` a file, in the byte order of the
paths. Inside the folder this gives the same, where names are in Unicode's form NFC:

    find train test -type f ! -path '*/.*' ! -iname Thumbs.db ! -iname desktop.ini -print0 |
        LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum
"""

import hashlib
import tarfile
import unicodedata
from collections.abc import Iterable
from pathlib import Path

DIGITS_IMAGES = "images.npy"
DIGITS_LABELS = "labels.npy"
CIFAR10_ARCHIVE = "cifar-10-python.tar.gz"
IMAGES_TAR = "images.tar"

# Of one image, which is read whole: 256 MiB, as much as the pixels of the largest that is decoded.
MOST_IMAGE_BYTES = 2**28


def is_plain(path: str) -> bool:
    """Return whether an image's path means the same on every system and fits one line.

    Spaces of any width can stand in it, line ends, control characters and backslashes can't.
    """
    return "\\" not in path and all(
        character.isprintable() or unicodedata.category(character) == "Zs" for character in path
    )


def manifest_digest(files: Iterable[tuple[str, str]]) -> str:
    """Return `sha256:` and the digest of sorted paths, each with the SHA-256 of its file."""
    manifest = hashlib.sha256()
    for path, sha256 in files:
        manifest.update(f"{sha256}  {path}\n".encode())
    return f"sha256:{manifest.hexdigest()}"


def digest_of_tar(path: Path) -> str:
    """Return the digest of the content of a tar of images that `download` wrote."""
    with tarfile.open(path) as tar:
        contents = ((member.name, tar.extractfile(member)) for member in tar)
        return manifest_digest(
            (name, hashlib.sha256(file.read()).hexdigest()) for name, file in contents if file
        )
