"""The names of the files in data/raw/<dataset>/ and how large an image's is, written down once.

`download` writes them and `prepare` reads them; neither needs the other's code.
"""

DIGITS_IMAGES = "images.npy"
DIGITS_LABELS = "labels.npy"
CIFAR10_ARCHIVE = "cifar-10-python.tar.gz"
IMAGES_TAR = "images.tar"

# Of one image, which is read whole: 256 MiB, as much as the pixels of the largest that is decoded.
MOST_IMAGE_BYTES = 2**28
