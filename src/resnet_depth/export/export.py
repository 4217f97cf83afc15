"""A trained network as files for use elsewhere, checked against it as they are written."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from resnet_depth.base.errors import UserError
from resnet_depth.base.files import file_digest, replacing_folder, write_text
from resnet_depth.data.prepared import CARD_FILE as DATASET_CARD_FILE
from resnet_depth.data.prepared import load_parts, read_card
from resnet_depth.deployment.onnx_graph import onnx_model, write_onnx
from resnet_depth.deployment.quantization import quantized, spread_sample
from resnet_depth.deployment.session import IMAGES_AT_ONCE, open_session, session_logits
from resnet_depth.export.card import model_card
from resnet_depth.export.records import (
    CARD_FILE,
    EXPORT_RECORD_FILE,
    INT8_FILE,
    NETWORK_FILES,
    ONNX_FILE,
    ExportedFile,
    ExportRecord,
)
from resnet_depth.export.settings import ExportSettings
from resnet_depth.machine.device import set_up
from resnet_depth.networks.compaction import expanded
from resnet_depth.networks.fast.form import to_fast_form
from resnet_depth.networks.prediction import Images, predict_logits
from resnet_depth.networks.storage import load_network, save_network
from resnet_depth.runs.names import TRAIN_RECORD_FILE, Network, instance
from resnet_depth.runs.records import read_record, write_record
from resnet_depth.training.records import TrainingRecord

# How far the ONNX file's logits may lie from the network's, as a share of the largest: float32's
# round-off, some hundred layers long, stays well below.
TOLERANCE = 1e-3


def export_network(
    model: Path, data: Path, settings: ExportSettings, confidence: float, out: Path
) -> None:
    """Write the files of the network in a model folder, with record and card, in place of `out`.

    They are an ONNX file, one in 8-bit integers, and torchvision's state dict, whole. `data` is the
    folder of the prepared dataset, of which the training images calibrate and the validation part
    compares. `confidence`, in (0, 1), is of the card's interval.

    Raises:
        UserError: If a file is missing or damaged, or if the ONNX file's outputs aren't the
            network's; then nothing is written.
    """
    cpu = set_up("cpu", settings.threads)
    training = read_record(model / TRAIN_RECORD_FILE, TrainingRecord, "train")
    dataset = read_card(data / DATASET_CARD_FILE)
    learnt, validation = load_parts(data, ("train", "validation"), dataset)
    sample = learnt.images[spread_sample(len(learnt.images), settings.calibration_images)]
    compared = validation.images if len(validation.labels) else sample
    network, size = load_network(model, training.shape), training.image_size
    normalisation = training.channel_mean, training.channel_std
    target = instance("export", training.dataset, Network(training.recipe, training.depth))
    with replacing_folder(out) as folder:
        exact = onnx_model(network, size, dataset.image_size, *normalisation)
        write_onnx(exact, folder / ONNX_FILE)
        write_onnx(quantized(exact, sample), folder / INT8_FILE)
        save_network(expanded(network, training.shape), folder)
        images = Images(compared, *normalisation, cpu, size)
        expected = predict_logits(to_fast_form(network, size, cpu), images, IMAGES_AT_ONCE).numpy()
        title = f"{training.recipe}/{training.network}"
        found, rough = (
            session_logits(
                open_session(folder / name, settings.threads, target), compared, f"{title}, {name}"
            )
            for name in (ONNX_FILE, INT8_FILE)
        )
        difference, largest = float(np.abs(found - expected).max()), float(np.abs(expected).max())
        # Written so that NaN is refused as well.
        if not difference <= TOLERANCE * largest:
            raise UserError(
                f"{title}: outputs of its ONNX file differ by {difference:.2g} from the network's, "
                f"which reach {largest:.2g}; allowed: {TOLERANCE:g} of that. Please report it with "
                "the recipe"
            )
        record = ExportRecord(
            **training.model_dump(),
            class_names=dataset.class_names,
            pixels=dataset.image_size,
            calibration_images=len(sample),
            validation_accuracy=_accuracy(expected, validation.labels),
            onnx_validation_accuracy=_accuracy(found, validation.labels),
            int8_validation_accuracy=_accuracy(rough, validation.labels),
            largest_output_difference=difference,
            largest_output=largest,
            files={name: _described(folder / name) for name in NETWORK_FILES},
        )
        write_record(folder / EXPORT_RECORD_FILE, record)
        write_text(folder / CARD_FILE, model_card(record, dataset, confidence))


def _accuracy(logits: NDArray[np.float32], labels: NDArray[np.uint8]) -> float | None:
    """Return the share of labels, one an image, that logits have right; None if there are none."""
    return float(np.mean(logits.argmax(axis=1) == labels)) if len(labels) else None


def _described(path: Path) -> ExportedFile:
    return ExportedFile(bytes=path.stat().st_size, sha256=file_digest(path))
