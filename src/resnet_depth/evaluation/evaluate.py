"""Testing one trained network on the test part of its dataset."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import torch

from resnet_depth.base.errors import UserError
from resnet_depth.base.files import replacing_file, replacing_folder, write_json
from resnet_depth.data.prepared import Part
from resnet_depth.evaluation import metrics
from resnet_depth.evaluation.records import EvaluationRecord
from resnet_depth.evaluation.settings import EvaluateSettings
from resnet_depth.machine.device import set_up
from resnet_depth.networks.fast.form import to_fast_form
from resnet_depth.networks.prediction import Images, predict_logits
from resnet_depth.networks.storage import load_network
from resnet_depth.runs.names import METRICS_FILE, PREDICTIONS_FILE, TRAIN_RECORD_FILE
from resnet_depth.runs.records import read_record
from resnet_depth.training.records import TrainingRecord


@dataclass(frozen=True)
class Evaluation:
    """A network's test: `metrics` as they are written, `predictions` one row an image."""

    metrics: EvaluationRecord
    predictions: pd.DataFrame


def evaluate(model: Path, test: Part, settings: EvaluateSettings) -> Evaluation:
    """Test the network in a model folder, on images normalised and scaled as in its training.

    Raises:
        UserError: If the network can't be read, is of other classes than the images, or the
            device asked for isn't there.
    """
    device = set_up(settings.device, settings.threads)
    record = read_record(model / TRAIN_RECORD_FILE, TrainingRecord, "train")
    if test.classes != record.classes:
        raise UserError(
            f"{model}: a network of {record.classes} classes; the test part has {test.classes}; "
            "repeat 'dvc repro', which trains one for these images"
        )
    size = record.image_size
    images = Images(test.images, record.channel_mean, record.channel_std, device, size)
    network = to_fast_form(load_network(model, record.shape), size, device)
    logits = predict_logits(network, images, settings.batch_size)
    both_ways = None
    if settings.mirrored_too:
        mirrored = predict_logits(network, images, settings.batch_size, mirrored=True)
        both_ways = metrics.accuracy((logits + mirrored).argmax(dim=1).numpy(), test.labels)
    log_probabilities = torch.log_softmax(logits.double(), dim=1).numpy()
    probabilities = torch.softmax(logits, dim=1).numpy()
    predictions = logits.argmax(dim=1).numpy()

    labels = test.labels
    confusion = metrics.confusion_matrix(predictions, labels, record.classes)
    measured = EvaluationRecord(
        network=record.network,
        depth=record.depth,
        seed=record.seed,
        images=len(labels),
        test_accuracy=metrics.accuracy(predictions, labels),
        mirrored_test_accuracy=both_ways,
        test_loss=metrics.negative_log_likelihood(log_probabilities, labels),
        expected_calibration_error=metrics.expected_calibration_error(
            probabilities, labels, bins=settings.calibration_bins
        ),
        class_accuracy=metrics.class_accuracies(confusion),
        confusion=confusion.tolist(),
    )
    rows = pd.DataFrame({"label": labels, "prediction": predictions})
    columns = {f"probability_{k}": probabilities[:, k] for k in range(record.classes)}
    return Evaluation(measured, rows.assign(**columns).rename_axis("index"))


def write_evaluation(evaluation: Evaluation, folder: Path) -> None:
    """Write the metrics (JSON) and the predictions of all images (CSV) into a folder."""
    with replacing_folder(folder) as temporary:
        write_json(temporary / METRICS_FILE, evaluation.metrics.model_dump(exclude_none=True))
        with replacing_file(temporary / PREDICTIONS_FILE) as file:
            evaluation.predictions.to_csv(file, lineterminator="\n")
