"""The name of a run and of the files it leaves, written down once.

A run is one network trained on one dataset: a recipe, a depth and a seed. dvc.yaml spells the same
names.
"""

from collections.abc import Iterable
from dataclasses import dataclass

# Inside data/start/<recipe>/<network>/, beside WEIGHTS_FILE unless training is from scratch
START_RECORD_FILE = "start.json"
# Inside models/<dataset>/<recipe>/<network>-seed<n>/
WEIGHTS_FILE = "model.safetensors"
CURVES_FILE = "curves.csv"
TRAIN_RECORD_FILE = "train.json"
# Inside data/evaluations/<dataset>/<recipe>/<network>-seed<n>/
METRICS_FILE = "metrics.json"
PREDICTIONS_FILE = "predictions.csv"
# Inside data/pruned/<dataset>/, and there inside <network>-seed<n>/
LEVELS_FILE = "levels.json"
PRUNE_RECORD_FILE = "prune.json"


def network_name(depth: int) -> str:
    """Return the name of the network of that many weighted layers, such as `resnet18`."""
    return f"resnet{depth}"


@dataclass(frozen=True, order=True)
class Network:
    """What is trained once a seed: a recipe's key in params.yaml, and a depth."""

    recipe: str
    depth: int

    @property
    def name(self) -> str:
        """Its name in files, such as `reference/resnet18`."""
        return f"{self.recipe}/{network_name(self.depth)}"


@dataclass(frozen=True, order=True)
class Run:
    """One training: recipe, depth (weighted layers), and the seed of all its randomness."""

    recipe: str
    depth: int
    seed: int

    @property
    def network(self) -> Network:
        """What is trained, whatever the seed."""
        return Network(self.recipe, self.depth)

    @property
    def name(self) -> str:
        """The run's name in files, such as `reference/resnet18-seed0`."""
        return f"{self.recipe}/{self.name_in_recipe}"

    @property
    def name_in_recipe(self) -> str:
        """The run's name where the recipe is known, such as `resnet18-seed0`."""
        return f"{network_name(self.depth)}-seed{self.seed}"


def runs_of(recipes: Iterable[str], depths: Iterable[int], seeds: Iterable[int]) -> list[Run]:
    """Return every combination, in the order given: recipe by recipe, there depth by depth."""
    depths, seeds = list(depths), list(seeds)
    return [Run(recipe, depth, seed) for recipe in recipes for depth in depths for seed in seeds]


def instance(stage: str, dataset: str, member: Run | Network) -> str:
    """Return the name of a stage's instance of a member, such as `train@digits-reference-18-0`."""
    seed = f"-{member.seed}" if isinstance(member, Run) else ""
    return f"{stage}@{dataset}-{member.recipe}-{member.depth}{seed}"


def pruning_instance(dataset: str, run: Run) -> str:
    """Return the name of the instance that prunes a run's network, such as `prune@digits-18-0`."""
    return f"prune@{dataset}-{run.depth}-{run.seed}"
