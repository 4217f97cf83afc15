"""Training one network, from its first step to its last, over as many processes as it takes."""

import sys
from pathlib import Path

import torch
from torch import nn

from resnet_depth.base.errors import UserError
from resnet_depth.base.progress import progress
from resnet_depth.data.prepared import Part, channel_statistics, load_parts
from resnet_depth.machine.device import set_up
from resnet_depth.networks.compaction import compact
from resnet_depth.networks.fast.form import to_fast_form
from resnet_depth.networks.prediction import Images
from resnet_depth.training.checkpoints import CheckpointFolder
from resnet_depth.training.initial import initial_network
from resnet_depth.training.loop import TrainingLoop
from resnet_depth.training.result import EpochResult, Job, TrainedNetwork, record_of, write_training
from resnet_depth.training.session import TrainingSession, checkpoint_key
from resnet_depth.training.share import share_of
from resnet_depth.training.single_run import Interruption, interruption, sole_writer
from resnet_depth.training.starting import Start, read_start


def train_from_files(
    job: Job, data: Path, start: Path, checkpoints: Path, out: Path, durations: Path
) -> None:
    """Train on the prepared dataset in `data`, alone at it and with a checkpoint, and write.

    `start` is the folder of what the training starts from, as the stage of that name left it.
    Written are the model folder `out` and, apart, the clock's readings, the file `durations`;
    `checkpoints` is the folder of all runs' checkpoints.

    Raises:
        UserError: If another process is at work on the run, an array is damaged, or as `train`
            does.
        Interrupted: As `train` does.
    """
    own = checkpoints / job.dataset / job.run.name
    with sole_writer(own.with_suffix(".lock"), job.title), interruption() as asked:
        training, validation = load_parts(data, ("train", "validation"))
        trained = train(job, training, validation, own, asked, read_start(start))
        write_training(trained, out, durations)


def train(
    job: Job,
    training: Part,
    validation: Part,
    checkpoints: Path | None = None,
    asked: Interruption | None = None,
    start: Start | None = None,
) -> TrainedNetwork:
    """Train one network, or go on where another process had to stop.

    Initial weights, order and augmentation come from the run's seed alone, but for the weights to
    start from, whose network's mean and std of the channels are then taken too. Only weights that
    can meet a pixel are trained, see `compaction`. An interrupted training ends with the same
    bytes.

    Args:
        job: What to train and how.
        training: The images to learn from; every class occurs.
        validation: The images for the curves, maybe none. Nothing is chosen by them here.
        checkpoints: Folder for this run's checkpoint; without one, none is kept.
        asked: Says when to stop.
        start: Weights to start from; without them, the training is from scratch.

    Raises:
        UserError: If the device isn't there, there are too few images, or the loss diverged.
        Interrupted: If it was asked to stop; the checkpoint holds everything.
    """
    if len(training.labels) < 2:
        raise UserError(f"{job.dataset}: {len(training.labels)} training images; at least 2 needed")
    device = set_up(job.hardware.device, job.hardware.threads)
    recipe, start = job.recipe, start or Start()
    training = share_of(training, recipe.train_fraction, job.run.seed)
    classes, size = int(training.labels.max()) + 1, recipe.image_size
    mean, std = start.normalisation or channel_statistics(training.images)
    network, made_anew = _first_network(job, start, classes, device)
    images = Images(training.images, mean, std, device, size)
    loop = TrainingLoop(recipe, job.epochs, job.run.seed, network, images, training.labels, device)
    folder = None
    if checkpoints is not None:
        key = checkpoint_key(job, start.record, training, validation, device)
        folder = CheckpointFolder(checkpoints, key)
    work = TrainingSession(job, loop, folder, asked or Interruption(), device)
    held_out = Images(validation.images, mean, std, device, size)
    truth = torch.from_numpy(validation.labels).long()

    work.resume()
    total = job.epochs * len(training.labels)
    with progress(work.title, total, "images", work.done_images(len(training.labels))) as advance:
        while len(work.curves) < job.epochs:
            work.train_epoch(advance)
            work.end_epoch(held_out, truth)
            advance(0, _note(work.curves[-1], job.epochs))
    durations = work.finish(len(training.labels))
    record = record_of(
        *(job, training, validation, classes, (mean, std), start.record, made_anew),
        loop.initial_loss,
    )
    return TrainedNetwork(loop.trained, work.curves, record, durations)


def _first_network(
    job: Job, start: Start, classes: int, device: torch.device
) -> tuple[nn.Module, tuple[str, ...]]:
    """Return the network before any step, and its layers that the start's weights don't fit."""
    recipe = job.recipe
    full = initial_network(
        job.run.depth, classes, recipe.stem, job.run.seed, recipe.zero_init_residual
    )
    made_anew = start.apply(full, recipe.image_size)
    if start.record.title:
        anew = f"; made anew: {', '.join(made_anew)}, of other shapes" if made_anew else ""
        print(f"{job.title}: starts from {start.record.title}{anew}", file=sys.stderr)
    return to_fast_form(compact(full, recipe.image_size), recipe.image_size, device), made_anew


def _note(row: EpochResult, epochs: int) -> str:
    """Return a progress bar's text after an epoch."""
    note = f"epoch {row.epoch}/{epochs}, loss {row.train_loss:.3f}"
    if row.validation_accuracy is None:
        return note
    return f"{note}, validation accuracy {row.validation_accuracy:.1%}"
