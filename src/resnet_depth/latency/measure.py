"""How long a trained network takes for an answer, and how many it gives a second.

Two forms are timed: the plain network as most people would run it, and the deployed one. Their
outputs are compared, so that the second is known to be the same network.
"""

import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from resnet_depth.latency.deployed import deployed
from resnet_depth.latency.settings import BatchTiming, LatencySettings
from resnet_depth.machine.device import device_title, set_up, synchronize
from resnet_depth.machine.environment import environment
from resnet_depth.machine.stopwatch import Stopwatch
from resnet_depth.networks.compaction import expanded
from resnet_depth.networks.fast.form import layout
from resnet_depth.networks.storage import load_network


def measure_latency(model: Path, settings: LatencySettings) -> dict[str, Any]:
    """Time a network's inference, one image at a time and many at once, in both forms.

    The input is random (a network's time doesn't depend on what it sees) and lies on the device
    already, so that the network alone is timed.

    Args:
        model: Folder of the trained network.
        settings: Section `latency`.

    Returns:
        JSON-ready: what was timed, on what; for each form and batch size every repeat's seconds
        with their median and percentiles; and the largest difference of the forms' outputs.

    Raises:
        UserError: If the network can't be read, or the device asked for isn't there.
    """
    device = set_up(settings.device, settings.threads)
    compacted, record = load_network(model)
    size = record["image_size"]
    plain = expanded(compacted, record["depth"], record["classes"], record["stem"], size).to(device)
    deployable = deployed(compacted, size, device)
    forms = {"plain": plain, "deployed": deployable}
    timed = (("single", settings.single), ("batched", settings.batched))
    watch = Stopwatch()
    timings: dict[str, dict[str, Any]] = {form: {} for form in forms}
    for name, timing in timed:
        for form, network in forms.items():
            order = layout(device) if form == "deployed" else torch.contiguous_format
            timings[form][name] = time_inference(network, timing, size, device, order)
    return {
        "network": record["network"],
        "depth": record["depth"],
        "seed": record["seed"],
        "image_size": size,
        "device": device.type,
        "device_title": device_title(device),
        "threads": torch.get_num_threads(),
        "dtype": "float32",
        **timings,
        **compare_outputs(plain, deployable, settings.batched.batch_size, size, device),
        "other_load": watch.other_load(),
        "shared": watch.shared(),
        "environment": environment(),
    }


@torch.inference_mode()
def compare_outputs(
    first: nn.Module, second: nn.Module, images: int, image_size: int, device: torch.device
) -> dict[str, float]:
    """Return how far two networks' logits lie apart at most, and how large they get.

    Args:
        first: On the device, in evaluation mode.
        second: Likewise.
        images: How many random images to compare them on.
        image_size: Side of the square images, in pixels.
        device: Where the networks lie.
    """
    batch = _random_images(images, image_size, device)
    one, other = first(batch), second(batch)
    return {
        "compared_images": images,
        "largest_output_difference": float((one - other).abs().max()),
        "largest_output": float(one.abs().max()),
    }


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
) -> dict[str, Any]:
    """Time one batch size: untimed runs first, then timed ones, waiting for the device.

    Args:
        network: On the device, in evaluation mode.
        timing: Batch size, number of untimed and of timed runs.
        image_size: Side of the square images, in pixels.
        device: Where the network lies.
        order: Of the images in memory.

    Returns:
        The settings, `seconds` of every repeat in order, their median, 90th and 99th percentile
        (linear interpolation), and images/s at the median.
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
