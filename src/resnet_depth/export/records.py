"""What an export leaves: the names of its files, and what `export.json` says of them."""

from resnet_depth.runs.names import WEIGHTS_FILE
from resnet_depth.runs.records import Count, Fraction, Magnitude, Record, Sha256
from resnet_depth.training.records import TrainingRecord

# Inside data/exports/<dataset>/<recipe>/<network>/, beside WEIGHTS_FILE.
ONNX_FILE = "model.onnx"
INT8_FILE = "model_int8.onnx"
CARD_FILE = "README.md"
EXPORT_RECORD_FILE = "export.json"
NETWORK_FILES = (ONNX_FILE, INT8_FILE, WEIGHTS_FILE)


class ExportedFile(Record):
    """A network's file: its size, and its SHA-256 in hexadecimal digits."""

    bytes: Count
    sha256: Sha256


class ExportRecord(TrainingRecord):
    """`export.json`: all that is said of the training, what the files take, how they were checked.

    The ONNX files take images of `pixels` pixels a side, and make network input of them. Accuracies
    are fractions, on all `validation_images`, and None where there are none: of the network as it
    was trained, of its ONNX file and of the one in 8-bit integers. The logits of the ONNX file
    differ from the network's by `largest_output_difference` at most, where these get as large as
    `largest_output`: on those images, or else on the training images that calibrated.
    """

    class_names: tuple[str, ...]
    pixels: Count
    calibration_images: Count
    validation_accuracy: Fraction | None
    onnx_validation_accuracy: Fraction | None
    int8_validation_accuracy: Fraction | None
    largest_output_difference: Magnitude
    largest_output: Magnitude
    files: dict[str, ExportedFile]
