"""Pruning one trained network at all levels, each from the trained weights on.

The networks that come out are in `Pruning.networks`, in plain form, for whatever else is to be
measured of them.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch

from resnet_depth.base.errors import Interrupted, UserError
from resnet_depth.base.progress import Advance, progress
from resnet_depth.data.prepared import Part, load_parts
from resnet_depth.machine.device import device_title, set_up
from resnet_depth.machine.environment import environment
from resnet_depth.machine.stopwatch import Stopwatch
from resnet_depth.networks.prediction import Images
from resnet_depth.networks.storage import load_network
from resnet_depth.pruning.level import Bench
from resnet_depth.pruning.records import LevelTimes, PruneDurationRecord, PruneRecord
from resnet_depth.pruning.result import Pruning, write_pruning
from resnet_depth.pruning.settings import Level
from resnet_depth.pruning.tuning import Tuning
from resnet_depth.runs.names import TRAIN_RECORD_FILE, instance, network_name
from resnet_depth.runs.records import read_record
from resnet_depth.training.records import TrainingRecord
from resnet_depth.training.result import Job
from resnet_depth.training.share import share_of
from resnet_depth.training.single_run import Interruption, interruption, sole_writer


def prune_from_files(
    job: Job,
    levels: Sequence[Level],
    model: Path,
    data: Path,
    checkpoints: Path,
    out: Path,
    durations: Path,
) -> None:
    """Prune the network in the folder `model` as `prune` does, alone at it, and write.

    Its prepared dataset is in `data`. Written are the folder `out`, and apart the clock's readings,
    the file `durations`. In `checkpoints`, the folder of all runs' checkpoints, is the lock only.

    Raises:
        UserError: If another process is at work on it, an array is damaged, or as `prune` does.
        Interrupted: As `prune` does.
    """
    lock = checkpoints / job.dataset / f"{job.run.name_in_recipe}-pruning.lock"
    with sole_writer(lock, f"{job.title}, pruning"), interruption() as asked:
        training, validation = load_parts(data, ("train", "validation"))
        write_pruning(prune(job, levels, model, training, validation, asked), out, durations)


def prune(
    job: Job,
    levels: Sequence[Level],
    model: Path,
    training: Part,
    validation: Part,
    asked: Interruption | None = None,
) -> Pruning:
    """Prune a trained network, bring the rest back and measure it, level by level.

    Args:
        job: How each level is tuned: as the run was trained, for epochs of its own.
        levels: What goes, the exact one first.
        model: Folder of the trained network.
        training: The training part, of which the recipe's share is used.
        validation: One image or more; how good a level is, they tell. Nothing is chosen by them.
        asked: Says when to stop.

    Raises:
        UserError: If there are no validation images, the network can't be read, the device isn't
            there, or the loss diverged.
        Interrupted: If it was asked to stop; nothing is kept.
    """
    title = f"{job.title}, pruning"
    if not len(validation.labels):
        raise UserError(
            f"{title}: there are no validation images to measure it by; set "
            "prepare.validation_fraction above 0, or prune.depths to []"
        )
    training = share_of(training, job.recipe.train_fraction, job.run.seed)
    bench, watch = _bench(job, model, training, validation), Stopwatch()
    first, difference, largest = bench.compare_full()
    records, times, networks = [first], [], {}
    images = len(levels) * (2 + job.epochs) * len(training.labels)
    with progress(title, images, "images") as advance:
        after_images = _heeding(title, advance, asked or Interruption())
        for level in levels:
            left, lasted, networks[level] = bench.run(level, after_images)
            records.append(left)
            times.append(lasted)
            advance(0, f"{level.name}: validation accuracy {left.tuned_accuracy:.1%}")
    run = _names(job)
    record = PruneRecord(
        dataset=job.dataset,
        **run,
        epochs=job.epochs,
        train_images=len(training.labels),
        validation_images=len(validation.labels),
        largest_output_difference=difference,
        largest_output=largest,
        levels=records,
    )
    return Pruning(record, _durations(run, bench.tuning.device, watch, times), networks)


def _durations(
    run: dict[str, Any], device: torch.device, watch: Stopwatch, levels: list[LevelTimes]
) -> PruneDurationRecord:
    """Return what the clock said, up to now."""
    return PruneDurationRecord(
        **run,
        device=device.type,
        device_title=device_title(device),
        threads=torch.get_num_threads(),
        other_load=watch.other_load(),
        shared=watch.shared(),
        environment=environment(),
        levels=levels,
    )


def _bench(job: Job, model: Path, training: Part, validation: Part) -> Bench:
    """Return the trained network and all that the pruned ones are tuned and measured by."""
    device = set_up(job.hardware.device, job.hardware.threads)
    target = instance("train", job.dataset, job.run)
    record = read_record(model / TRAIN_RECORD_FILE, TrainingRecord, target)
    images, held_out = (
        Images(part.images, record.channel_mean, record.channel_std, device, record.image_size)
        for part in (training, validation)
    )
    return Bench(
        job=job,
        network=load_network(model, record.shape),
        shape=record.shape,
        tuning=Tuning(*(job.recipe, job.epochs, job.run.seed, images, training.labels, device)),
        held_out=held_out,
        truth=torch.from_numpy(validation.labels).long(),
    )


def _heeding(title: str, advance: Advance, asked: Interruption) -> Callable[[int], None]:
    """Return what counts images and stops when it was asked to."""

    def after_images(count: int) -> None:
        advance(count)
        if asked.requested:
            raise Interrupted(f"{title}: stopped; nothing is kept: the same command begins anew")

    return after_images


def _names(job: Job) -> dict[str, Any]:
    """Return what both records say of the run."""
    name = network_name(job.run.depth)
    return {"recipe": job.run.recipe, "network": name, "depth": job.run.depth, "seed": job.run.seed}
