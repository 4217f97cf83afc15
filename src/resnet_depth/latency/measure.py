"""How long a trained network takes for an answer, and how many it gives a second.

Timed are the plain network, as most people would run it, and its deployed forms: on a CPU what
`export` wrote, in ONNX Runtime, as float32 and as 8-bit integers; on another device torch with
batch norm folded. The deployed network's outputs are compared with the plain one's, so that it is
known to be the same.
"""

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import torch
from numpy.typing import NDArray
from torch import nn
from torch.fx.experimental.optimization import fuse

from resnet_depth.deployment.session import answer, open_session
from resnet_depth.export.records import EXPORT_RECORD_FILE, INT8_FILE, ONNX_FILE, ExportRecord
from resnet_depth.latency.records import LatencyRecord, deployed_as_onnx
from resnet_depth.latency.settings import LatencySettings
from resnet_depth.latency.timing import PLAIN, Form, compare_outputs, random_images, time_forms
from resnet_depth.machine.device import device_title, set_up
from resnet_depth.machine.environment import environment
from resnet_depth.machine.stopwatch import SHARED_ABOVE
from resnet_depth.networks.compaction import expanded
from resnet_depth.networks.fast.form import layout
from resnet_depth.networks.prediction import Images
from resnet_depth.networks.resnet import ResNet
from resnet_depth.networks.storage import load_network
from resnet_depth.runs.names import Network, instance
from resnet_depth.runs.records import read_record
from resnet_depth.training.records import TrainingRecord


def measure_latency(model: Path, export: Path, settings: LatencySettings) -> LatencyRecord:
    """Time a network's inference, one image at a time and many at once, in all forms.

    The images are random, since a network's time doesn't depend on what it sees. They lie ready as
    a form takes them: torch's on the device, normalised; the ONNX files' as bytes, which those
    scale and normalise within the time.

    Raises:
        UserError: If a file can't be read, or the device asked for isn't there.
    """
    device = set_up(settings.device, settings.threads)
    record = read_record(export / EXPORT_RECORD_FILE, ExportRecord, "export")
    target = instance("export", record.dataset, Network(record.recipe, record.depth))
    network = load_network(model, record.shape)
    forms = {PLAIN: plain_form(network, record, device)}
    if deployed_as_onnx(device.type):
        for name, file in (("deployed", ONNX_FILE), ("int8", INT8_FILE)):
            forms[name] = onnx_form(export / file, settings.threads, target)
    else:
        forms["deployed"] = folded_form(network, record, device)
    times, load = time_forms(forms, settings, record.pixels, device)
    images = random_images(settings.batched.batch_size, record.pixels)
    difference, largest = compare_outputs(forms[PLAIN], forms["deployed"], images)
    return LatencyRecord(
        **measured_on(record, settings, device, load),
        **{"int8": None, **times},
        largest_output_difference=difference,
        largest_output=largest,
    )


def measured_on(
    record: TrainingRecord, settings: LatencySettings, device: torch.device, load: float
) -> dict[str, Any]:
    """Return what an `InferenceRecord` says beside the times; others' `load` is in [0, 1]."""
    runtime = f"ONNX Runtime {onnxruntime.__version__}"
    if not deployed_as_onnx(device.type):
        runtime = f"torch {torch.__version__.partition('+')[0]}"
    return {
        **record.model_dump(include={"recipe", "network", "depth", "seed", "image_size"}),
        "device": device.type,
        "device_title": device_title(device),
        "threads": torch.get_num_threads(),
        "other_load": load,
        "shared": load > SHARED_ABOVE,
        "environment": environment(),
        "dtype": "float32",
        "deployed_by": runtime,
        "band": settings.band,
    }


def onnx_form(path: Path, threads: int, target: str) -> Form:
    """Return the form of an ONNX file, which takes images as they are; see `open_session`."""
    session = open_session(path, threads, target)
    return lambda images: partial(answer, session, images)


def plain_form(network: ResNet, record: TrainingRecord, device: torch.device) -> Form:
    """Return a compact network's form as most people would run it: all taps and norms, in torch."""
    return torch_form(expanded(network, record.shape), record, device, torch.contiguous_format)


def folded_form(network: ResNet, record: TrainingRecord, device: torch.device) -> Form:
    """Return the form of a compact network in torch, batch norm folded, in the fastest layout."""
    return torch_form(fuse(network), record, device, layout(device))


def torch_form(
    network: nn.Module, record: TrainingRecord, device: torch.device, order: torch.memory_format
) -> Form:
    """Return the form of a network, in evaluation mode, on a device and in an order of memory."""
    # mypy: the stubs of nn.Module.to know the layout only together with a tensor.
    network.to(device, memory_format=order)  # type: ignore[call-overload]

    def ready(pixels: NDArray[np.uint8]) -> partial[Any]:
        normalisation = record.channel_mean, record.channel_std
        images = Images(pixels, *normalisation, device, record.image_size)
        batch = images.normalize(images.slice(0, len(images)))
        return partial(network, batch.contiguous(memory_format=order))

    return ready
