"""How long what pruning left of a network takes for an answer, in the deployed form.

All levels are timed in turns with the plain network, by which sessions are judged. A level's ONNX
file is made from its network for the timing alone.
"""

from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory

import torch

from resnet_depth.data.prepared import read_card
from resnet_depth.deployment.onnx_graph import onnx_model, write_onnx
from resnet_depth.latency.measure import folded_form, measured_on, onnx_form, plain_form
from resnet_depth.latency.records import (
    LevelTimings,
    PrunedLatencyRecord,
    deployed_as_onnx,
    pruned_latency_instance,
)
from resnet_depth.latency.settings import LatencySettings
from resnet_depth.latency.timing import PLAIN, Form, time_forms
from resnet_depth.machine.device import set_up
from resnet_depth.networks.resnet import ResNet
from resnet_depth.networks.storage import load_network
from resnet_depth.pruning.records import PruneRecord
from resnet_depth.runs.names import PRUNE_RECORD_FILE, TRAIN_RECORD_FILE, Run, pruning_instance
from resnet_depth.runs.records import read_record
from resnet_depth.training.records import TrainingRecord


def measure_pruned_latency(
    model: Path, pruned: Path, card: Path, settings: LatencySettings
) -> PrunedLatencyRecord:
    """Time the inference of all networks that the stage `prune` kept of one run.

    Args:
        model: Folder of the trained network.
        pruned: Folder of what pruning left of it.
        card: The prepared dataset's, which tells the size of its images.
        settings: Where and how inference is timed.

    Raises:
        UserError: If a file can't be read, or the device asked for isn't there.
    """
    device = set_up(settings.device, settings.threads)
    record = read_record(model / TRAIN_RECORD_FILE, TrainingRecord, "train")
    run = Run(record.recipe, record.depth, record.seed)
    target = pruning_instance(record.dataset, run)
    kept = read_record(pruned / PRUNE_RECORD_FILE, PruneRecord, target).kept
    networks = {level: load_network(pruned / level.name, record.shape) for level in kept}
    pixels = read_card(card).image_size
    forms = {PLAIN: plain_form(networks[kept[0]], record, device)}
    with TemporaryDirectory() as folder:
        for level, network in networks.items():
            file = Path(folder) / f"{level.name}.onnx"
            forms[level.name] = deployed_form(network, record, device, settings, pixels, file)
        times, load = time_forms(forms, settings, pixels, device)
    return PrunedLatencyRecord(
        **measured_on(record, settings, device, load),
        plain=times[PLAIN],
        levels=[LevelTimings(**asdict(level), timings=times[level.name]) for level in kept],
    )


def deployed_form(
    network: ResNet,
    record: TrainingRecord,
    device: torch.device,
    settings: LatencySettings,
    pixels: int,
    file: Path,
) -> Form:
    """Return a network's deployed form for images of `pixels` pixels a side; see `measure`.

    An ONNX form's `file` is made for it.
    """
    if not deployed_as_onnx(device.type):
        return folded_form(network, record, device)
    normalisation = record.channel_mean, record.channel_std
    write_onnx(onnx_model(network, record.image_size, pixels, *normalisation), file)
    run = Run(record.recipe, record.depth, record.seed)
    return onnx_form(file, settings.threads, pruned_latency_instance(record.dataset, run.network))
