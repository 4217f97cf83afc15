"""The names of the files in data/raw/<dataset>/, written down once.

`download` writes them and `prepare` reads them; neither needs the other's code.
"""

DIGITS_IMAGES = "images.npy"
DIGITS_LABELS = "labels.npy"
CIFAR10_ARCHIVE = "cifar-10-python.tar.gz"
IMAGES_TAR = "images.tar"
