"""One level of pruning: what is left out, how the rest is brought back, and how good it is."""

import copy
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Literal

import torch
from torch import Tensor, nn

from resnet_depth.machine.device import synchronize
from resnet_depth.networks.compaction import expanded
from resnet_depth.networks.counts import size_of
from resnet_depth.networks.fast.form import to_fast_form
from resnet_depth.networks.prediction import Images, predict_logits
from resnet_depth.networks.resnet import ResNet
from resnet_depth.networks.shape import NetworkShape
from resnet_depth.networks.storage import network_of, stored_bytes, stored_tensors
from resnet_depth.pruning.channels import prune_channels
from resnet_depth.pruning.records import LevelRecord, LevelTimes
from resnet_depth.pruning.settings import EXACT, Kind, Level
from resnet_depth.pruning.tuning import Tuning, recalibrate
from resnet_depth.pruning.weights import prune_weights
from resnet_depth.training.optimization.divergence import as_mistake
from resnet_depth.training.result import Job
from resnet_depth.training.validation import VALIDATION_BATCH, validate

# How far logits of two forms of a network may lie apart, as a share of the largest: round-off.
ROUND_OFF = 1e-3


@dataclass(frozen=True)
class Bench:
    """A run's trained network and all that its pruned ones are tuned and measured by.

    Attributes:
        job: How each level is tuned.
        network: As it was trained: compact, on the CPU, never changed.
        shape: Of it.
        tuning: How networks are tuned.
        held_out: Images of the validation part, on the device.
        truth: Their class indices, int64, shape (n,), on the CPU.
    """

    job: Job
    network: ResNet
    shape: NetworkShape
    tuning: Tuning
    held_out: Images
    truth: Tensor

    def compare_full(self) -> tuple[LevelRecord, float, float]:
        """Return what the network is with its dead taps, and how its logits differ without.

        Returns:
            Its record; the largest difference of the two's logits on the validation images; and
            the largest logit's size there.

        Raises:
            RuntimeError: If they differ by more than round-off.
        """
        full, device = expanded(self.network, self.shape), self.tuning.device
        with_taps, without = (
            predict_logits(copy.deepcopy(each).to(device), self.held_out, VALIDATION_BATCH)
            for each in (full, self.network)
        )
        difference, largest = float((with_taps - without).abs().max()), float(without.abs().max())
        # Written so that NaN is refused as well.
        if not difference <= ROUND_OFF * largest:
            raise RuntimeError(f"{self.job.title}: without dead taps logits differ by {difference}")
        right = (with_taps.argmax(1) == self.truth).double().mean()
        return self._record(full, "full", EXACT, (float(right), None, None)), difference, largest

    def run(
        self, level: Level, after_images: Callable[[int], None]
    ) -> tuple[LevelRecord, LevelTimes, ResNet]:
        """Prune at one level, recalibrate and tune.

        Args:
            level: What goes.
            after_images: Called with the number of training images that were seen since the last
                call; may end the work by an exception.

        Returns:
            What is left and how good it is; how long that took; and the network after tuning, in
            plain form on the CPU.

        Raises:
            UserError: If the loss diverged.
        """
        device, tuning = self.tuning.device, self.tuning
        network: nn.Module = to_fast_form(self._pruned(level), self.shape.image_size, device)
        title = f"{self.job.title}, pruning, {level.name}"
        at_once = self._accuracy(network, title)
        start = _now(device)
        recalibrate(network, tuning.images, after_images)
        recalibrate_seconds = _now(device) - start
        recalibrated = self._accuracy(network, title)
        start = _now(device)
        network = tuning.tune(network, title, after_images, keep_zeros=level.kind == "weights")
        tune_seconds = _now(device) - start
        accuracies = at_once, recalibrated, self._accuracy(network, title)
        plain = network_of(stored_tensors(network), self.shape)
        times = LevelTimes(
            **asdict(level), recalibrate_seconds=recalibrate_seconds, tune_seconds=tune_seconds
        )
        return self._record(plain, level.kind, level, accuracies), times, plain

    def _pruned(self, level: Level) -> ResNet:
        """Return a copy of the network without what goes at a level."""
        network = copy.deepcopy(self.network)
        if level.kind in ("inner", "groups"):
            prune_channels(network, self.shape.image_size, level, self.job.run.seed)
        elif level.kind == "weights":
            prune_weights(network, level.share)
        return network

    def _accuracy(self, network: nn.Module, title: str) -> float:
        with as_mistake(title, self.job.recipe):
            _, accuracy = validate(network, self.held_out, self.truth)
        assert accuracy is not None
        return accuracy

    def _record(
        self,
        network: ResNet,
        kind: Kind | Literal["full"],
        level: Level,
        accuracies: tuple[float, float | None, float | None],
    ) -> LevelRecord:
        size = size_of(network, self.shape.image_size)
        return LevelRecord(
            **{**asdict(level), "kind": kind},
            parameters=size.parameters,
            nonzero_parameters=sum(int(each.count_nonzero()) for each in network.parameters()),
            macs=size.macs,
            file_bytes=stored_bytes(network),
            at_once_accuracy=accuracies[0],
            recalibrated_accuracy=accuracies[1],
            tuned_accuracy=accuracies[2],
        )


def _now(device: torch.device) -> float:
    """Return the time, in seconds, when the device has done all work given to it."""
    synchronize(device)
    return time.perf_counter()
