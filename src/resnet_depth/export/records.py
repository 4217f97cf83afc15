"""What an export leaves: the names of its files, and what `export.json` says of them."""

from resnet_depth.networks.shape import Stem
from resnet_depth.runs.names import WEIGHTS_FILE
from resnet_depth.runs.records import Count, Fraction, Record

# Inside data/exports/<dataset>/<recipe>/<network>/, beside WEIGHTS_FILE.
ONNX_FILE = "model.onnx"
INT8_FILE = "model_int8.onnx"
CARD_FILE = "README.md"
EXPORT_RECORD_FILE = "export.json"
NETWORK_FILES = (ONNX_FILE, INT8_FILE, WEIGHTS_FILE)


class ExportedFile(Record):
    """A network's file: its size, and its SHA-256 in hexadecimal digits."""

    bytes: Count
    sha256: str


class ExportRecord(Record):
    """`export.json`: what the files are of, what they take, and how they were checked.

    The ONNX files take images of `pixels` pixels a side; network input, which they make of them,
    has `image_size` pixels a side and is minus `channel_mean`, over `channel_std`, fractions of
    255. Accuracies, fractions, are on all `validation_images`, and None where there are none: of
    the network as it was trained, of its ONNX file and of the one in 8-bit integers. The outputs
    that were compared are logits of the `compared_images`: how far the ONNX file's lie from the
    network's at most, and how large these get.
    """

    dataset: str
    recipe: str
    network: str
    depth: int
    seed: int
    stem: Stem
    class_names: tuple[str, ...]
    pixels: Count
    image_size: Count
    channel_mean: tuple[Fraction, Fraction, Fraction]
    channel_std: tuple[Fraction, Fraction, Fraction]
    calibration_images: Count
    validation_images: Count
    validation_accuracy: Fraction | None
    onnx_validation_accuracy: Fraction | None
    int8_validation_accuracy: Fraction | None
    compared_images: Count
    largest_output_difference: float
    largest_output: float
    files: dict[str, ExportedFile]
