"""The names of the files in data/raw/<dataset>/, and what an image's can be, written down once.

`download` writes them and `prepare` reads them; neither needs the other's code.
"""

import unicodedata

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
