"""What a training starts from, apart from its seed: what the stage `start` left."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from resnet_depth.base.errors import UserError
from resnet_depth.networks.adoption import adopt
from resnet_depth.networks.resnet import ResNet
from resnet_depth.runs.names import START_RECORD_FILE, WEIGHTS_FILE
from resnet_depth.runs.records import read_record
from resnet_depth.start.records import StartRecord
from resnet_depth.training.settings import FROM_SCRATCH


@dataclass(frozen=True)
class Start:
    """A record and, unless that says that there are none, trained weights by name."""

    record: StartRecord = field(default_factory=StartRecord.nothing)
    tensors: Mapping[str, Tensor] = field(default_factory=dict)

    @property
    def normalisation(self) -> tuple[tuple[float, ...], tuple[float, ...]] | None:
        """Mean and std by which their network saw images; None without weights."""
        if self.record.channel_mean is None or self.record.channel_std is None:
            return None
        return self.record.channel_mean, self.record.channel_std

    def apply(self, network: ResNet, image_size: int) -> tuple[str, ...]:
        """Put the weights into a full network, and return which of its layers they don't fit."""
        if not self.tensors:
            return ()
        title = self.record.title or self.record.weights
        return adopt(network, self.tensors, image_size, title)


def read_start(folder: Path) -> Start:
    """Return what lies in a folder such as data/start/reference/resnet18.

    Raises:
        UserError: If something is missing or damaged.
    """
    record = read_record(folder / START_RECORD_FILE, StartRecord, "start")
    if record.weights == FROM_SCRATCH:
        return Start(record)
    try:
        return Start(record, load_file(folder / WEIGHTS_FILE))
    except (OSError, SafetensorError) as error:
        reason = str(error).splitlines()[0]
        raise UserError(f"{folder}: no readable weights ({reason}); repeat 'dvc repro'") from error
