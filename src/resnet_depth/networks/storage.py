"""Networks on disk: their weights and running statistics, as safetensors."""

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from resnet_depth.base.errors import UserError
from resnet_depth.base.faults import naming
from resnet_depth.base.files import replacing_file
from resnet_depth.networks.channels import take_channels
from resnet_depth.networks.compaction import compact
from resnet_depth.networks.resnet import ResNet, meta_network
from resnet_depth.networks.shape import NetworkShape
from resnet_depth.runs.names import WEIGHTS_FILE


def save_network(network: nn.Module, folder: Path) -> None:
    """Write a network's weights and running statistics, float32, into a model folder."""
    with replacing_file(folder / WEIGHTS_FILE) as temporary:
        save_file(stored_tensors(network), temporary)


def not_finite(tensors: Mapping[str, Tensor]) -> str | None:
    """Return the name of the first tensor with a NaN or an infinity; None if all are finite."""
    return next((name for name, each in tensors.items() if not each.isfinite().all()), None)


def stored_bytes(network: nn.Module) -> int:
    """Return how large the file is that `save_network` writes.

    It is written, since serialized in memory it would take as much again of that.
    """
    with TemporaryDirectory() as folder, naming(Path(folder)):
        file = Path(folder) / WEIGHTS_FILE
        save_file(stored_tensors(network), file)
        return file.stat().st_size


def stored_tensors(network: nn.Module) -> dict[str, Tensor]:
    """Return what is stored of a network, by name: on the CPU, without gaps in memory."""
    return {name: value.cpu().contiguous() for name, value in network.state_dict().items()}


def load_network(folder: Path, shape: NetworkShape) -> ResNet:
    """Return the trained network of a model folder, as `network_of` does.

    Raises:
        UserError: If a file is missing or damaged, or its tensors don't fit or aren't finite.
    """
    try:
        tensors = load_file(folder / WEIGHTS_FILE)
        if (name := not_finite(tensors)) is not None:
            raise RuntimeError(f"{name} isn't finite")
        return network_of(tensors, shape)
    except (OSError, RuntimeError, SafetensorError) as error:
        # Of a state dict that doesn't fit, the first line only says that.
        lines = str(error).splitlines()
        reason = lines[min(1, len(lines) - 1)].strip()
        raise UserError(f"{folder}: no readable network ({reason}); repeat 'dvc repro'") from error


def network_of(tensors: Mapping[str, Tensor], shape: NetworkShape) -> ResNet:
    """Return the network that `stored_tensors` are of, on the CPU and in evaluation mode.

    It is compact: right for images of the shape's size alone. Its channels are as many as the
    tensors have, so that pruned networks come back too; all else is as the shape says.

    Raises:
        RuntimeError: If tensors are missing, too many, or don't fit.
    """
    network = compact(meta_network(shape), shape.image_size)
    take_channels(network, tensors)
    network.load_state_dict(tensors, assign=True)
    return network.eval()
