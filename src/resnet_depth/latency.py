"""How long a trained network takes for an answer, and how many it gives a second."""

import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from resnet_depth.devices import device_title, set_up, synchronize
from resnet_depth.fast_form import to_fast_form
from resnet_depth.inference import load_network
from resnet_depth.provenance import Stopwatch, environment
from resnet_depth.settings.latency import BatchTiming, LatencySettings


def measure_latency(model: Path, settings: LatencySettings) -> dict[str, Any]:
    """Time a network's inference, one image at a time and many at once.

    The input is random (a network's time doesn't depend on what it sees) and lies on the device
    already, so that the network alone is timed.

    Args:
        model: Folder of the trained network.
        settings: Section `latency`.

    Returns:
        JSON-ready: what was timed, on what, and for each batch size every repeat's seconds with
        their median and percentiles.

    Raises:
        UserError: If the network can't be read, or the device asked for isn't there.
    """
    device = set_up(settings.device, settings.threads)
    network, record = load_network(model)
    network = to_fast_form(network, record["image_size"], device)
    watch = Stopwatch()
    timings = {
        name: time_inference(network, timing, record["image_size"], device)
        for name, timing in (("single", settings.single), ("batched", settings.batched))
    }
    return {
        "network": record["network"],
        "depth": record["depth"],
        "seed": record["seed"],
        "image_size": record["image_size"],
        "device": device.type,
        "device_title": device_title(device),
        "threads": torch.get_num_threads(),
        "dtype": "float32",
        "timings": timings,
        "other_load": watch.other_load(),
        "shared": watch.shared(),
        "environment": environment(),
    }


@torch.inference_mode()
def time_inference(
    network: nn.Module, timing: BatchTiming, image_size: int, device: torch.device
) -> dict[str, Any]:
    """Time one batch size: untimed runs first, then timed ones, waiting for the device.

    Args:
        network: On the device, in evaluation mode.
        timing: Batch size, number of untimed and of timed runs.
        image_size: Side of the square images, in pixels.
        device: Where the network lies.

    Returns:
        The settings, `seconds` of every repeat in order, their median, 90th and 99th percentile
        (linear interpolation), and images/s at the median.
    """
    shape = (timing.batch_size, 3, image_size, image_size)
    batch = torch.randn(shape, generator=torch.Generator().manual_seed(0)).to(device)
    if device.type != "mps":
        batch = batch.contiguous(memory_format=torch.channels_last)
    seconds = []
    for repeat in range(timing.warmup + timing.repeats):
        synchronize(device)
        start = time.perf_counter()
        network(batch)
        synchronize(device)
        if repeat >= timing.warmup:
            seconds.append(time.perf_counter() - start)
    median, p90, p99 = (float(value) for value in np.percentile(seconds, [50, 90, 99]))
    return {
        "batch_size": timing.batch_size,
        "warmup": timing.warmup,
        "repeats": timing.repeats,
        "median_seconds": median,
        "p90_seconds": p90,
        "p99_seconds": p99,
        "images_per_second": timing.batch_size / median,
        "seconds": seconds,
    }
