"""How long a trained network takes for an answer, and how many it gives a second.

Two forms are timed: the plain network as most people would run it, and the deployed one. Their
outputs are compared, so that the second is known to be the same network.
"""

import time
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from resnet_depth.latency.deployed import deployed
from resnet_depth.latency.records import BatchTimes, LatencyRecord, Timings
from resnet_depth.latency.settings import BatchTiming, LatencySettings
from resnet_depth.machine.device import device_title, set_up, synchronize
from resnet_depth.machine.environment import environment
from resnet_depth.machine.stopwatch import Stopwatch
from resnet_depth.networks.compaction import expanded
from resnet_depth.networks.fast.form import layout
from resnet_depth.networks.storage import load_network
from resnet_depth.runs.names import TRAIN_RECORD_FILE
from resnet_depth.runs.records import read_record
from resnet_depth.training.records import TrainingRecord


def measure_latency(model: Path, settings: LatencySettings) -> LatencyRecord:
    """Time a network's inference, one image at a time and many at once, in both forms.

    The input is random (a network's time doesn't depend on what it sees) and lies on the device
    already, so that the network alone is timed.

    Raises:
        UserError: If the network can't be read, or the device asked for isn't there.
    """
    device = set_up(settings.device, settings.threads)
    record = read_record(model / TRAIN_RECORD_FILE, TrainingRecord, "train")
    compacted, size = load_network(model, record.shape), record.image_size
    plain = expanded(compacted, record.shape).to(device)
    deployable = deployed(compacted, size, device)
    forms = ((plain, torch.contiguous_format), (deployable, layout(device)))
    watch = Stopwatch()
    single, batched = (
        [time_inference(network, timing, size, device, order) for network, order in forms]
        for timing in (settings.single, settings.batched)
    )
    compared = settings.batched.batch_size
    difference, largest = compare_outputs(plain, deployable, compared, size, device)
    return LatencyRecord(
        recipe=record.recipe,
        network=record.network,
        depth=record.depth,
        seed=record.seed,
        device=device.type,
        device_title=device_title(device),
        threads=torch.get_num_threads(),
        other_load=watch.other_load(),
        shared=watch.shared(),
        environment=environment(),
        image_size=size,
        dtype="float32",
        plain=Timings(single=single[0], batched=batched[0]),
        deployed=Timings(single=single[1], batched=batched[1]),
        compared_images=compared,
        largest_output_difference=difference,
        largest_output=largest,
    )


@torch.inference_mode()
def compare_outputs(
    first: nn.Module, second: nn.Module, images: int, image_size: int, device: torch.device
) -> tuple[float, float]:
    """Return how far two networks' logits lie apart at most, and how large the first's get.

    They are on the device, in evaluation mode, and are given that many random images of
    `image_size` pixels a side.
    """
    batch = _random_images(images, image_size, device)
    one, other = first(batch), second(batch)
    return float((one - other).abs().max()), float(one.abs().max())


def _random_images(count: int, image_size: int, device: torch.device) -> Tensor:
    """Return network input of zero mean and unit variance, float32."""
    shape = (count, 3, image_size, image_size)
    return torch.randn(shape, generator=torch.Generator().manual_seed(0)).to(device)


@torch.inference_mode()
def time_inference(
    network: nn.Module,
    timing: BatchTiming,
    image_size: int,
    device: torch.device,
    order: torch.memory_format,
) -> BatchTimes:
    """Time one batch size: untimed runs first, then timed ones, waiting for the device.

    The network is on the device, in evaluation mode; images have `image_size` pixels a side and
    lie in memory in the `order`. Percentiles are by linear interpolation; images/s are those at
    the median.
    """
    batch = _random_images(timing.batch_size, image_size, device).contiguous(memory_format=order)
    seconds = []
    for repeat in range(timing.warmup + timing.repeats):
        synchronize(device)
        start = time.perf_counter()
        network(batch)
        synchronize(device)
        if repeat >= timing.warmup:
            seconds.append(time.perf_counter() - start)
    median, p90, p99 = (float(value) for value in np.percentile(seconds, [50, 90, 99]))
    return BatchTimes(
        batch_size=timing.batch_size,
        warmup=timing.warmup,
        repeats=timing.repeats,
        median_seconds=median,
        p90_seconds=p90,
        p99_seconds=p99,
        images_per_second=timing.batch_size / median,
        seconds=seconds,
    )
