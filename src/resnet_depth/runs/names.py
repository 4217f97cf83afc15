"""The name of a run and of the files it leaves, written down once.

A run is one network trained on one dataset: a depth and a seed. dvc.yaml spells the same names.
"""

from collections.abc import Iterable
from dataclasses import dataclass

# Inside models/<dataset>/<run>/
WEIGHTS_FILE = "model.safetensors"
CURVES_FILE = "curves.csv"
TRAIN_RECORD_FILE = "train.json"
# Inside data/evaluations/<dataset>/<run>/
METRICS_FILE = "metrics.json"
PREDICTIONS_FILE = "predictions.csv"


def network_name(depth: int) -> str:
    """Return the name of the network of that many weighted layers, such as `resnet18`."""
    return f"resnet{depth}"


@dataclass(frozen=True, order=True)
class Run:
    """One training: a network's depth (weighted layers) and the seed of all its randomness."""

    depth: int
    seed: int

    @property
    def name(self) -> str:
        """The run's name in files, such as `resnet18-seed0`."""
        return f"{network_name(self.depth)}-seed{self.seed}"


def runs_of(depths: Iterable[int], seeds: Iterable[int]) -> list[Run]:
    """Return every combination, in the order given, depth by depth."""
    seeds = list(seeds)
    return [Run(depth, seed) for depth in depths for seed in seeds]


def instance(stage: str, dataset: str, member: Run | int) -> str:
    """Return the name of a stage's instance of a run or depth, such as `train@digits-18-0`."""
    depth, seed = (member.depth, f"-{member.seed}") if isinstance(member, Run) else (member, "")
    return f"{stage}@{dataset}-{depth}{seed}"
