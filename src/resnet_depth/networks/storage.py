"""Networks on disk: weights as safetensors, beside the record that says what they are of."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import nn

from resnet_depth.base.errors import UserError
from resnet_depth.base.files import read_json, replacing_file
from resnet_depth.networks.compaction import compact
from resnet_depth.networks.resnet import ResNet
from resnet_depth.runs.names import TRAIN_RECORD_FILE, WEIGHTS_FILE


def save_network(network: nn.Module, folder: Path) -> None:
    """Write a network's weights and running statistics, float32, into a model folder."""
    tensors = {name: value.cpu().contiguous() for name, value in network.state_dict().items()}
    with replacing_file(folder / WEIGHTS_FILE) as temporary:
        save_file(tensors, temporary)


def load_network(folder: Path) -> tuple[ResNet, Mapping[str, Any]]:
    """Return a trained network, on the CPU and in evaluation mode, and its training record.

    The network is compact: right for images of the record's size alone.

    Args:
        folder: A model folder as `train` writes it.

    Raises:
        UserError: If a file is missing or damaged.
    """
    try:
        record = read_json(folder / TRAIN_RECORD_FILE)
        with torch.device("meta"):
            full = ResNet(record["depth"], record["classes"], record["stem"])
            network = compact(full, record["image_size"])
        network.load_state_dict(load_file(folder / WEIGHTS_FILE), assign=True)
    except (OSError, ValueError, KeyError, RuntimeError, SafetensorError) as error:
        reason = str(error).splitlines()[0]
        raise UserError(f"{folder}: no readable network ({reason}); repeat 'dvc repro'") from error
    return network.eval(), record
