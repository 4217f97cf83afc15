"""What a pruning is asked for and what it leaves: its job, its results and their files."""

from dataclasses import dataclass
from pathlib import Path

from resnet_depth.base.files import replacing_folder
from resnet_depth.networks.resnet import ResNet
from resnet_depth.networks.storage import save_network
from resnet_depth.pruning.records import PruneDurationRecord, PruneRecord
from resnet_depth.pruning.settings import Level, PruneSettings
from resnet_depth.runs.names import PRUNE_RECORD_FILE, Run
from resnet_depth.runs.records import write_record
from resnet_depth.training.settings import RecipeSettings, TrainSettings


@dataclass(frozen=True)
class Job:
    """All that decides the outcome of a pruning, but the network and the images."""

    dataset: str
    run: Run
    settings: PruneSettings
    recipe: RecipeSettings
    hardware: TrainSettings

    @property
    def title(self) -> str:
        """What is done, such as `digits reference/resnet18-seed0, pruning`."""
        return f"{self.dataset} {self.run.name}, pruning"


@dataclass(frozen=True)
class Pruning:
    """What a pruning leaves: `record` is deterministic, `durations` came from a clock.

    `networks` has each level's network after tuning, compact and in its plain form, on the CPU.
    """

    record: PruneRecord
    durations: PruneDurationRecord
    networks: dict[Level, ResNet]


def write_pruning(pruning: Pruning, folder: Path, durations: Path) -> None:
    """Write the record and the networks, and, apart, the durations.

    Networks are kept to be used and timed. What chance left is a control, of the same shapes as
    what the norm left.
    """
    with replacing_folder(folder) as temporary:
        for level, network in pruning.networks.items():
            if not level.is_control:
                save_network(network, temporary / level.name)
        write_record(temporary / PRUNE_RECORD_FILE, pruning.record)
    write_record(durations, pruning.durations)
