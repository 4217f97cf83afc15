"""Training one network: the training part stays in memory, batches are made from it as tensors."""

import math
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from resnet_depth.adam import Adam
from resnet_depth.augmentation import augment
from resnet_depth.datasets import Part, channel_statistics
from resnet_depth.devices import device_title, set_up, synchronize
from resnet_depth.errors import UserError
from resnet_depth.files import replacing_file, replacing_folder, write_json
from resnet_depth.inference import Images, predict_logits, save_network, to_fast_layout
from resnet_depth.models import count_macs, count_parameters, initial_network
from resnet_depth.progress import Advance, progress
from resnet_depth.provenance import Stopwatch, environment
from resnet_depth.runs import CURVES_FILE, TRAIN_RECORD_FILE, Run, network_name
from resnet_depth.seeding import Stream, generator
from resnet_depth.settings.models import ModelSettings
from resnet_depth.settings.train import TrainSettings

VALIDATION_BATCH = 500


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


def train(job: Job, training: Part, validation: Part) -> TrainedNetwork:
    """Train one network from scratch.

    Initial weights, order and augmentation come from the run's seed alone.

    Args:
        job: What to train and how.
        training: The images to learn from; every class occurs.
        validation: The images for the curves, maybe none. Nothing is chosen by them here.

    Raises:
        UserError: If the device isn't there, there are too few images, or the loss diverged.
    """
    if len(training.labels) < 2:
        raise UserError(f"{job.dataset}: {len(training.labels)} training images; at least 2 needed")
    device = set_up(job.recipe.device, job.recipe.threads)
    classes = int(training.labels.max()) + 1
    mean, std = channel_statistics(training.images)
    initial = initial_network(job.run.depth, classes, job.model.stem, job.run.seed)
    record = _record(job, training, validation, classes, mean, std, count_parameters(initial))
    network = to_fast_layout(initial, device)
    loop = _Loop(job, network, Images(training.images, mean, std, device), training.labels, device)
    held_out = Images(validation.images, mean, std, device)
    truth = torch.from_numpy(validation.labels).long()

    watch = Stopwatch()
    curves, epoch_seconds = [], []
    title = f"{job.dataset} {job.run.name}"
    with progress(title, job.epochs * len(training.labels), "images") as advance:
        for epoch in range(1, job.epochs + 1):
            start = watch.seconds
            loss, accuracy = loop.run_epoch(advance)
            synchronize(device)
            epoch_seconds.append(watch.seconds - start)
            if not math.isfinite(loss):
                raise UserError(
                    f"{title}: the loss isn't finite in epoch {epoch}; lower train.lr "
                    f"({job.recipe.lr}) in params.yaml and repeat"
                )
            held_out_loss, held_out_accuracy = _validate(network, held_out, truth)
            curves.append(
                EpochResult(epoch, job.recipe.lr, loss, accuracy, held_out_loss, held_out_accuracy)
            )
            advance(0, _note(curves[-1], job.epochs))
    record["initial_loss"] = loop.initial_loss
    durations = _durations(job, device, watch, epoch_seconds, len(training.labels))
    return TrainedNetwork(network, curves, record, durations)


def write_training(trained: TrainedNetwork, folder: Path, durations: Path) -> None:
    """Write a model folder (weights, curves, record) and, apart, the durations."""
    with replacing_folder(folder) as temporary:
        save_network(trained.network, temporary)
        curves = pd.DataFrame([asdict(row) for row in trained.curves])
        with replacing_file(temporary / CURVES_FILE) as file:
            curves.to_csv(file, index=False, lineterminator="\n")
        write_json(temporary / TRAIN_RECORD_FILE, trained.record)
    write_json(durations, trained.durations)


class _Loop:
    """The optimisation of one network: its state from epoch to epoch."""

    def __init__(
        self, job: Job, network: nn.Module, images: Images, labels: Any, device: torch.device
    ) -> None:
        self._recipe = job.recipe
        self._network = network
        self._images = images
        self._labels = torch.from_numpy(labels).long().to(device)
        self._device = device
        self._optimizer = Adam(network.parameters(), lr=job.recipe.lr)
        self._order = generator(job.run.seed, Stream.ORDER)
        self._augmentation = generator(job.run.seed, Stream.AUGMENTATION)
        self.initial_loss = math.nan

    def run_epoch(self, advance: Advance) -> tuple[float, float]:
        """Pass once over the images in a new order; return mean loss and accuracy."""
        self._network.train()
        losses, corrects, sizes = [], [], []
        for indices in self._batches():
            labels = self._labels[indices]
            batch = augment(
                self._images.select(indices), self._recipe.augmentation, self._augmentation
            )
            logits = self._network(self._images.normalize(batch))
            loss = cross_entropy(logits, labels)
            loss.backward()
            self._optimizer.step()
            # Kept on the device: reading a number here would wait for the step to finish.
            losses.append(loss.detach())
            corrects.append((logits.detach().argmax(1) == labels).sum())
            sizes.append(len(indices))
            advance(len(indices))
        if math.isnan(self.initial_loss):
            self.initial_loss = float(losses[0])
        weights = torch.tensor(sizes, dtype=torch.float64)
        mean_loss = (torch.stack(losses).cpu().double() * weights).sum() / weights.sum()
        return float(mean_loss), float(torch.stack(corrects).cpu().sum() / weights.sum())

    def _batches(self) -> Iterator[Tensor]:
        """Yield index tensors that together name every image once, in a new random order."""
        order = torch.randperm(len(self._images), generator=self._order).to(self._device)
        for indices in order.split(self._recipe.batch_size):
            # Batch norm has no variance of a single value, which is all that 1×1 maps leave.
            if len(indices) > 1:
                yield indices


def _validate(
    network: nn.Module, images: Images, labels: Tensor
) -> tuple[float, float] | tuple[None, None]:
    """Return loss and accuracy on the validation part; Nones if it is empty."""
    if not len(images):
        return None, None
    logits = predict_logits(network, images, VALIDATION_BATCH)
    accuracy = (logits.argmax(1) == labels).double().mean()
    return float(cross_entropy(logits.double(), labels)), float(accuracy)


def _record(
    job: Job,
    training: Part,
    validation: Part,
    classes: int,
    mean: tuple[float, ...],
    std: tuple[float, ...],
    parameters: int,
) -> dict[str, Any]:
    """Return what was trained, as far as it is the same wherever it is trained."""
    count, size = len(training.labels), training.images.shape[1]
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
        "parameters": parameters,
        "macs": count_macs(job.run.depth, classes, job.model.stem, size),
    }


def _durations(
    job: Job, device: torch.device, watch: Stopwatch, epoch_seconds: list[float], count: int
) -> dict[str, Any]:
    """Return what the clock said; validation and start-up are not counted as training."""
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


def _note(row: EpochResult, epochs: int) -> str:
    """Return a progress bar's text after an epoch."""
    note = f"epoch {row.epoch}/{epochs}, loss {row.train_loss:.3f}"
    if row.validation_accuracy is None:
        return note
    return f"{note}, validation accuracy {row.validation_accuracy:.1%}"
