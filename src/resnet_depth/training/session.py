"""A training at work: what is done, what the clock said, and what is kept of it."""

import hashlib
import sys
import time
from collections.abc import Callable
from dataclasses import replace

import torch
from torch import Tensor

from resnet_depth.base.errors import Interrupted
from resnet_depth.base.files import json_text
from resnet_depth.data.prepared import Part
from resnet_depth.machine.device import device_title, synchronize
from resnet_depth.machine.environment import environment, machine_class
from resnet_depth.machine.stopwatch import Stopwatch
from resnet_depth.networks.prediction import Images
from resnet_depth.runs.names import network_name
from resnet_depth.runs.records import Count, Record
from resnet_depth.start.records import StartRecord
from resnet_depth.training.checkpoints import Checkpoint, CheckpointFolder, code_digest, key_of
from resnet_depth.training.loop import TrainingLoop
from resnet_depth.training.optimization.divergence import as_mistake
from resnet_depth.training.records import DurationRecord
from resnet_depth.training.result import EpochResult, Job
from resnet_depth.training.single_run import Interruption
from resnet_depth.training.validation import validate

# What a kill can cost at most; an epoch's end is always kept.
CHECKPOINT_SECONDS = 30.0
PRECISION = "float32"  # of weights, activations and gradients


class SessionState(Record):
    """What a checkpoint holds beside arrays: the loop's own values, the curves, and the clock's.

    `passed` are loss and accuracy of an epoch whose validation is still to come.
    """

    initial_loss: float | None
    epoch: Count
    steps: Count
    seconds: float
    other_seconds: float
    curves: list[EpochResult]
    epoch_start: float
    epoch_seconds: list[float]
    passed: tuple[float, float] | None
    durations: DurationRecord | None


class TrainingSession:
    """A training at work: what is done, what the clock said, and when to keep it."""

    def __init__(
        self,
        job: Job,
        loop: TrainingLoop,
        folder: CheckpointFolder | None,
        asked: Interruption,
        device: torch.device,
    ) -> None:
        """Begin, with a loop at its start; without a folder no checkpoint is kept."""
        self.title = job.title
        self.curves: list[EpochResult] = []
        self._job, self._loop, self._folder = job, loop, folder
        self._asked, self._device = asked, device
        self._watch, self._saved_at = Stopwatch(), time.monotonic()
        self._epoch_start, self._epoch_seconds = 0.0, list[float]()
        self._passed: tuple[float, float] | None = None
        self._durations: DurationRecord | None = None

    def resume(self) -> None:
        """Go on from the checkpoint, if there is one."""
        saved = self._folder.load(self._require_usable) if self._folder else None
        if saved is None:
            return
        self._loop.restore(saved)
        state = SessionState.model_validate(saved.values)
        self.curves = list(state.curves)
        self._watch = Stopwatch(state.seconds, state.other_seconds)
        self._epoch_start, self._epoch_seconds = state.epoch_start, list(state.epoch_seconds)
        self._passed, self._durations = state.passed, state.durations
        epoch = min(len(self.curves) + 1, self._job.epochs)
        print(f"{self.title}: goes on in epoch {epoch}/{self._job.epochs}", file=sys.stderr)

    def _require_usable(self, saved: Checkpoint) -> None:
        """See that it is a checkpoint of this training, as `_save` writes it."""
        state = SessionState.model_validate(saved.values)
        if state.epoch != len(state.curves) + bool(state.passed) or state.epoch > self._job.epochs:
            raise ValueError(f"{len(state.curves)} rows of curves in epoch {state.epoch}")
        self._loop.require_fitting(saved)

    def done_images(self, count: int) -> int:
        """Return how many images have been seen, of `count` an epoch."""
        current = count if self._passed else self._loop.done_images
        return len(self.curves) * count + current

    def train_epoch(self, advance: Callable[[int], None]) -> None:
        """Do the steps that are left of the epoch."""
        if self._passed:
            return
        if not self._loop.done_images:
            self._epoch_start = self._watch.seconds

        def after_step(count: int) -> None:
            advance(count)
            self.heed()

        with as_mistake(f"{self.title}, epoch {len(self.curves) + 1}", self._job.recipe):
            self._passed = self._loop.run_epoch(after_step)
        synchronize(self._device)
        self._epoch_seconds.append(self._watch.seconds - self._epoch_start)

    def end_epoch(self, held_out: Images, truth: Tensor) -> None:
        """Add a row to the curves, validation included; see `validate`."""
        assert self._passed
        epoch = len(self.curves) + 1
        with as_mistake(f"{self.title}, epoch {epoch}", self._job.recipe):
            validated = validate(self._loop.trained, held_out, truth, self.heed)
        self.curves.append(
            EpochResult(epoch, *self._loop.rates(epoch - 1), *self._passed, *validated)
        )
        self._passed = None
        if epoch < self._job.epochs:
            self._save()

    def finish(self, count: int) -> DurationRecord:
        """Return the durations, kept with the weights until dvc.lock has the run.

        An epoch has `count` images.
        """
        if self._durations is None:
            job, trained_for = self._job, sum(self._epoch_seconds)
            self._durations = DurationRecord(
                recipe=job.run.recipe,
                network=network_name(job.run.depth),
                depth=job.run.depth,
                seed=job.run.seed,
                device=self._device.type,
                device_title=device_title(self._device),
                threads=torch.get_num_threads(),
                other_load=self._watch.other_load(),
                shared=self._watch.shared(),
                environment=environment(),
                # Without validation and start-up.
                train_seconds=trained_for,
                epoch_seconds=self._epoch_seconds,
                images_per_second=job.epochs * count / trained_for,
                precision=PRECISION,
                batch_size=job.recipe.batch_size,
                code=code_digest(),
            )
            # DVC records the MD5 of the file that is made of it.
            text = json_text(self._durations.model_dump())
            self._save(hashlib.md5(text.encode(), usedforsecurity=False).hexdigest())
        if self._asked.requested:
            raise self._interrupted()
        return self._durations

    def heed(self) -> None:
        """Stop if asked to; keep the state if it hasn't been for a while."""
        asked = self._asked.requested
        if asked or time.monotonic() - self._saved_at >= CHECKPOINT_SECONDS:
            self._save()
        if asked:
            raise self._interrupted()

    def _interrupted(self) -> Interrupted:
        epoch = min(len(self.curves) + 1, self._job.epochs)
        return Interrupted(
            f"{self.title}: stopped in epoch {epoch}/{self._job.epochs}; nothing is lost: the same "
            "command goes on from here"
        )

    def _save(self, outcome: str | None = None) -> None:
        if self._folder is None:
            return
        state = self._loop.state()
        kept = SessionState(
            **state.values,
            **self._watch.reading(),
            curves=self.curves,
            epoch_start=self._epoch_start,
            epoch_seconds=self._epoch_seconds,
            passed=self._passed,
            durations=self._durations,
        )
        self._folder.save(replace(state, values=kept.model_dump()), outcome)
        self._saved_at = time.monotonic()


def checkpoint_key(
    job: Job, start: StartRecord, training: Part, validation: Part, device: torch.device
) -> str:
    """Return the digest of all that decides a training's bytes."""
    data = hashlib.sha256()
    for part in (training, validation):
        for array in (part.images, part.labels):
            data.update(repr(array.shape).encode())
            data.update(array.tobytes() if not array.flags.c_contiguous else array.data)
    return key_of(
        dataset=job.dataset,
        run=job.run.name,
        epochs=job.epochs,
        recipe=job.recipe.model_dump(),
        start=start.model_dump(),
        hardware=job.hardware.model_dump(),
        data=data.hexdigest(),
        code=code_digest(),
        device=device.type,
        machine=machine_class().model_dump(),
    )
