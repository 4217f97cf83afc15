"""What a training is asked for and what it leaves: its job, its results and their files."""

from dataclasses import asdict, dataclass
from pathlib import Path

import pandas as pd
from torch import nn

from resnet_depth.base.files import replacing_file, replacing_folder
from resnet_depth.data.prepared import Part
from resnet_depth.networks.counts import count as count_network
from resnet_depth.networks.shape import NetworkShape
from resnet_depth.networks.storage import save_network
from resnet_depth.runs.names import CURVES_FILE, TRAIN_RECORD_FILE, Run, network_name
from resnet_depth.runs.records import write_record
from resnet_depth.start.records import StartRecord
from resnet_depth.training.loop import steps_an_epoch
from resnet_depth.training.records import DurationRecord, TrainingRecord
from resnet_depth.training.settings import RecipeSettings, TrainSettings


@dataclass(frozen=True)
class Job:
    """All that decides the outcome of a training, but the images.

    The dataset's `epochs_factor` multiplies the recipe's epochs.
    """

    dataset: str
    run: Run
    recipe: RecipeSettings
    epochs_factor: float
    hardware: TrainSettings

    @property
    def epochs(self) -> int:
        """How often the images are passed over, at least once."""
        return max(1, round(self.recipe.epochs * self.epochs_factor))

    def shape(self, classes: int) -> NetworkShape:
        """Return the network's shape, for a number of classes."""
        return NetworkShape(self.run.depth, classes, self.recipe.stem, self.recipe.image_size)

    @property
    def title(self) -> str:
        """What is trained, such as `digits reference/resnet18-seed0`."""
        return f"{self.dataset} {self.run.name}"


@dataclass(frozen=True)
class EpochResult:
    """A row of the curves; losses in nats, accuracies as fractions.

    The learning rate is that of the epoch's first step and of its last. Training figures are means
    over the epoch's batches, in training mode, while the weights changed. Validation figures are
    taken after the epoch and are None without validation part.
    """

    epoch: int
    learning_rate_begin: float
    learning_rate_end: float
    train_loss: float
    train_accuracy: float
    validation_loss: float | None
    validation_accuracy: float | None


@dataclass(frozen=True)
class TrainedNetwork:
    """What a training leaves: `record` is deterministic, `durations` came from a clock."""

    network: nn.Module
    curves: list[EpochResult]
    record: TrainingRecord
    durations: DurationRecord


def record_of(
    job: Job,
    training: Part,
    validation: Part,
    classes: int,
    normalisation: tuple[tuple[float, ...], tuple[float, ...]],
    start: StartRecord,
    made_anew: tuple[str, ...],
    initial_loss: float,
) -> TrainingRecord:
    """Return the record; `normalisation` is mean and std of each channel, fractions of 255."""
    count = len(training.labels)
    shape = job.shape(classes)
    return TrainingRecord(
        dataset=job.dataset,
        recipe=job.run.recipe,
        network=network_name(job.run.depth),
        seed=job.run.seed,
        **asdict(shape),
        epochs=job.epochs,
        steps=job.epochs * steps_an_epoch(count, job.recipe.batch_size),
        batch_size=job.recipe.batch_size,
        train_images=count,
        validation_images=len(validation.labels),
        channel_mean=normalisation[0],
        channel_std=normalisation[1],
        **asdict(count_network(shape)),
        weights_title=start.title,
        weights_digest=start.digest,
        made_anew=made_anew,
        initial_loss=initial_loss,
        settings=job.recipe.model_dump(mode="json"),
    )


def write_training(trained: TrainedNetwork, folder: Path, durations: Path) -> None:
    """Write a model folder (weights, curves, record) and, apart, the durations."""
    with replacing_folder(folder) as temporary:
        save_network(trained.network, temporary)
        curves = pd.DataFrame([asdict(row) for row in trained.curves])
        with replacing_file(temporary / CURVES_FILE) as file:
            curves.to_csv(file, index=False, lineterminator="\n")
        write_record(temporary / TRAIN_RECORD_FILE, trained.record)
    write_record(durations, trained.durations)
