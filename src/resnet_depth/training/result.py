"""What a training is asked for and what it leaves: its job, its results and their files."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import torch
from torch import nn

from resnet_depth.base.files import replacing_file, replacing_folder, write_json
from resnet_depth.data.prepared import Part
from resnet_depth.machine.device import device_title
from resnet_depth.machine.environment import environment
from resnet_depth.machine.stopwatch import Stopwatch
from resnet_depth.networks.counts import (
    count_live_macs,
    count_live_parameters,
    count_macs,
    count_parameters,
)
from resnet_depth.networks.resnet import ResNet
from resnet_depth.networks.settings import ModelSettings
from resnet_depth.networks.storage import save_network
from resnet_depth.runs.names import CURVES_FILE, TRAIN_RECORD_FILE, Run, network_name
from resnet_depth.training.settings import TrainSettings


@dataclass(frozen=True)
class Job:
    """All that decides the outcome of a training, but the images."""

    dataset: str
    run: Run
    epochs: int
    model: ModelSettings
    recipe: TrainSettings


@dataclass(frozen=True)
class EpochResult:
    """A row of the curves; losses in nats, accuracies as fractions.

    Training figures are means over the epoch's batches, in training mode, while the weights
    changed. Validation figures are taken after the epoch and are None without validation part.
    """

    epoch: int
    learning_rate: float
    train_loss: float
    train_accuracy: float
    validation_loss: float | None
    validation_accuracy: float | None


@dataclass(frozen=True)
class TrainedNetwork:
    """What a training leaves: `record` is deterministic, `durations` came from a clock."""

    network: nn.Module
    curves: list[EpochResult]
    record: dict[str, Any]
    durations: dict[str, Any]


def record_of(
    job: Job,
    training: Part,
    validation: Part,
    classes: int,
    mean: tuple[float, ...],
    std: tuple[float, ...],
) -> dict[str, Any]:
    """Return what is trained, as far as it is the same wherever it is trained.

    Args:
        job: What to train and how.
        training: The images to learn from.
        validation: The images for the curves.
        classes: How many logits the network gives.
        mean: Of each channel over the training part.
        std: Likewise.
    """
    count, size = len(training.labels), training.images.shape[1]
    shape = (job.run.depth, classes, job.model.stem, size)
    with torch.device("meta"):
        network = ResNet(*shape[:3])
    full, rest = divmod(count, job.recipe.batch_size)
    return {
        "dataset": job.dataset,
        "network": network_name(job.run.depth),
        "depth": job.run.depth,
        "seed": job.run.seed,
        "stem": job.model.stem,
        "classes": classes,
        "image_size": size,
        "epochs": job.epochs,
        "steps": job.epochs * (full + (rest > 1)),
        "batch_size": job.recipe.batch_size,
        "train_images": count,
        "validation_images": len(validation.labels),
        "channel_mean": list(mean),
        "channel_std": list(std),
        "parameters": count_parameters(network),
        "live_parameters": count_live_parameters(*shape),
        "macs": count_macs(*shape),
        "live_macs": count_live_macs(*shape),
    }


def durations_of(
    job: Job, device: torch.device, watch: Stopwatch, epoch_seconds: list[float], count: int
) -> dict[str, Any]:
    """Return what the clock said; validation and start-up are not counted as training.

    Args:
        job: What was trained.
        device: Where.
        watch: Ran all the time, over all processes.
        epoch_seconds: Of each epoch.
        count: Images of an epoch.
    """
    return {
        "network": network_name(job.run.depth),
        "depth": job.run.depth,
        "seed": job.run.seed,
        "train_seconds": sum(epoch_seconds),
        "epoch_seconds": epoch_seconds,
        "images_per_second": job.epochs * count / sum(epoch_seconds),
        "other_load": watch.other_load(),
        "shared": watch.shared(),
        "device": device.type,
        "device_title": device_title(device),
        "threads": torch.get_num_threads(),
        "precision": job.recipe.precision,
        "batch_size": job.recipe.batch_size,
        "environment": environment(),
    }


def write_training(trained: TrainedNetwork, folder: Path, durations: Path) -> None:
    """Write a model folder (weights, curves, record) and, apart, the durations."""
    with replacing_folder(folder) as temporary:
        save_network(trained.network, temporary)
        curves = pd.DataFrame([asdict(row) for row in trained.curves])
        with replacing_file(temporary / CURVES_FILE) as file:
            curves.to_csv(file, index=False, lineterminator="\n")
        write_json(temporary / TRAIN_RECORD_FILE, trained.record)
    write_json(durations, trained.durations)
