"""What a pruning leaves: its results and their files."""

from dataclasses import dataclass
from pathlib import Path

from resnet_depth.base.files import replacing_folder
from resnet_depth.networks.resnet import ResNet
from resnet_depth.networks.storage import save_network
from resnet_depth.pruning.records import PruneDurationRecord, PruneRecord
from resnet_depth.pruning.settings import Level
from resnet_depth.runs.names import PRUNE_RECORD_FILE
from resnet_depth.runs.records import write_record


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
