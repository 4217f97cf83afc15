"""Networks on disk: their weights and running statistics, as safetensors."""

from pathlib import Path

from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import nn

from resnet_depth.base.errors import UserError
from resnet_depth.base.files import replacing_file
from resnet_depth.networks.compaction import compact
from resnet_depth.networks.resnet import ResNet, meta_network
from resnet_depth.networks.shape import NetworkShape
from resnet_depth.runs.names import WEIGHTS_FILE


def save_network(network: nn.Module, folder: Path) -> None:
    """Write a network's weights and running statistics, float32, into a model folder."""
    tensors = {name: value.cpu().contiguous() for name, value in network.state_dict().items()}
    with replacing_file(folder / WEIGHTS_FILE) as temporary:
        save_file(tensors, temporary)


def load_network(folder: Path, shape: NetworkShape) -> ResNet:
    """Return the trained network of a model folder, on the CPU and in evaluation mode.

    It is compact: right for images of the shape's size alone.

    Raises:
        UserError: If a file is missing or damaged.
    """
    try:
        network = compact(meta_network(shape), shape.image_size)
        network.load_state_dict(load_file(folder / WEIGHTS_FILE), assign=True)
    except (OSError, RuntimeError, SafetensorError) as error:
        reason = str(error).splitlines()[0]
        raise UserError(f"{folder}: no readable network ({reason}); repeat 'dvc repro'") from error
    return network.eval()
