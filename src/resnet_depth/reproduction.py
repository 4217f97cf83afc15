"""Checking that a study, run again from a clean clone, gives what is committed.

On a machine of the same class (see `provenance.machine_class`) every deterministic output must
have the same hash. Elsewhere float32 rounds otherwise, and training amplifies that within a few
steps, so what can be asked there is: the same start (`initial_loss`, the loss of the first batch
before any step, is fixed by seed, initialisation, order and images) and about the same end.
"""

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
from ruamel.yaml import YAML

from resnet_depth.errors import UserError
from resnet_depth.files import read_json
from resnet_depth.provenance import machine_class

UP_TO_DATE = "Data and pipelines are up to date."

# Round-off of one forward pass stays below 1e-5; two seeds differ by 1e-2 and more.
INITIAL_LOSS_TOLERANCE = 1e-4
# Of a depth's mean test accuracy. Rounding alone moves single runs by as much as a seed does.
ACCURACY_TOLERANCE = 0.10

# A clock's readings, and what is made of them, are never equal twice.
CLOCK_STAGES = ("latency", "report")
CLOCK_FOLDERS = ("data/durations/",)


@dataclass(frozen=True)
class Comparison:
    """What was compared, in words, and a line for each difference."""

    title: str
    differences: list[str]


def deterministic_outputs(lock: Path, dataset: str) -> dict[str, str]:
    """Return the hash of each output of a dataset's study that no clock has touched.

    Args:
        lock: A dvc.lock.
        dataset: Key of the dataset.

    Returns:
        Hashes by path, in the order of the lock.
    """
    stages = YAML(typ="safe", pure=True).load(lock.read_text(encoding="utf-8"))["stages"]
    return {
        output["path"]: output["md5"]
        for name, entry in stages.items()
        if _belongs(name, dataset)
        for output in entry.get("outs", [])
        if not output["path"].startswith(CLOCK_FOLDERS)
    }


def _belongs(instance: str, dataset: str) -> bool:
    """Return whether a stage instance, such as train@digits-18-0, is a deterministic one of it."""
    stage, _, item = instance.partition("@")
    return stage not in CLOCK_STAGES and item.split("-")[0] in ("", dataset)


def compare_hashes(committed: dict[str, str], found: dict[str, str]) -> Comparison:
    """Compare two results of `deterministic_outputs`, path by path."""
    differences = [
        f"{path}: committed {committed.get(path, 'nothing')}, here {found.get(path, 'nothing')}"
        for path in sorted({*committed, *found})
        if committed.get(path) != found.get(path)
    ]
    return Comparison(f"hashes of {len(committed)} deterministic outputs", differences)


def compare_metrics(committed: pd.DataFrame, found: pd.DataFrame) -> Comparison:
    """Compare the accuracy tables (plots/<dataset>/accuracy.csv) of two runs of a study.

    Args:
        committed: One row a run, with depth, seed, initial_loss and test_accuracy.
        found: Likewise, from this machine.
    """
    title = (
        f"metrics: initial loss of each run within {INITIAL_LOSS_TOLERANCE:g} (relative), mean "
        f"test accuracy of each depth within {ACCURACY_TOLERANCE:g}"
    )
    rows = committed.merge(
        found, on=["depth", "seed"], how="outer", suffixes=("_committed", "_here"), indicator=True
    )
    lone = rows[rows["_merge"] != "both"]
    differences = [f"ResNet-{row.depth}, seed {row.seed}: only on one side" for row in _rows(lone)]
    gap = (rows["initial_loss_here"] / rows["initial_loss_committed"] - 1).abs()
    differences += [
        f"ResNet-{row.depth}, seed {row.seed}: initial loss {row.initial_loss_committed} "
        f"committed, {row.initial_loss_here} here"
        for row in _rows(rows[gap > INITIAL_LOSS_TOLERANCE])
    ]
    columns = ["test_accuracy_committed", "test_accuracy_here"]
    means = rows.groupby("depth")[columns].mean()
    differences += [
        f"ResNet-{depth}: mean test accuracy {was} committed, {now} here"
        for depth, (was, now) in zip(means.index, means.to_numpy(), strict=True)
        if abs(now - was) > ACCURACY_TOLERANCE
    ]
    return Comparison(title, differences)


def _rows(table: pd.DataFrame) -> list[Any]:
    return list(table.itertuples())


class Clone:
    """A clean clone of a repository's HEAD, in which the study is run."""

    def __init__(self, source: Path, folder: Path) -> None:
        """Clone.

        Args:
            source: The repository.
            folder: Where to put the clone; made here.

        Raises:
            UserError: If `source` is no git repository with a commit.
        """
        self.folder = folder
        command = ["git", "clone", "--quiet", "--no-local", str(source), str(folder)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise UserError(f"{source}: can't be cloned: {done.stderr.strip()}")

    def dvc(self, *arguments: str) -> str:
        """Run DVC in the clone, showing its output; return what it wrote to stdout.

        Raises:
            UserError: If DVC ends with an error.
        """
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        process = subprocess.Popen(
            [sys.executable, "-m", "dvc", *arguments],
            cwd=self.folder,
            env=os.environ | {"PATH": path},
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        lines = []
        for line in process.stdout:
            print(line, end="", flush=True)
            lines.append(line)
        if process.wait():
            raise UserError(f"dvc {' '.join(arguments)} failed in a clean clone")
        return "".join(lines)


def reproduce(source: Path, folder: Path, dataset: str, say: Callable[[str], None]) -> bool:
    """Run a dataset's study in a clean clone and compare it with what is committed.

    Args:
        source: The repository; its HEAD is checked, uncommitted changes are not seen.
        folder: Where to put the clone.
        dataset: Key of the dataset.
        say: Called with each line of the outcome.

    Returns:
        Whether everything agreed.

    Raises:
        UserError: If the committed state isn't complete, or a stage fails.
    """
    clone = Clone(source, folder)
    lock, target = clone.folder / "dvc.lock", f"report@{dataset}"
    say(f"1. Do code, settings and dvc.lock agree? dvc repro --allow-missing --dry {target}")
    if UP_TO_DATE not in clone.dvc("repro", "--allow-missing", "--dry", target):
        say(f"DIFFERS: run 'dvc repro {target}' and commit dvc.lock, metrics and plots")
        return False
    committed = deterministic_outputs(lock, dataset)
    table = clone.folder / "plots" / dataset / "accuracy.csv"
    committed_table = pd.read_csv(table)
    recorded = read_json(clone.folder / "metrics" / dataset / "costs.json")["machine_classes"]

    say(f"2. The study, from nothing: dvc repro {target}")
    clone.dvc("repro", target)
    found = deterministic_outputs(lock, dataset)
    if recorded == [machine_class()]:
        say("This machine is of the class of the committed results: bytes must be equal.")
        outcome = compare_hashes(committed, found)
    else:
        say("This machine is of another class than the committed results: metrics must be close.")
        say(f"   committed: {recorded}\n   here:      {machine_class()}")
        outcome = compare_metrics(committed_table, pd.read_csv(table))

    run = next(name for name in found if name.startswith(f"models/{dataset}/")).split("/")[-1]
    instance = f"train@{dataset}-{run.removeprefix('resnet').replace('-seed', '-')}"
    say(f"3. One network trained again, on the same machine: dvc repro --force {instance}")
    clone.dvc("repro", "--force", "--single-item", instance)
    again = compare_hashes(found, deterministic_outputs(lock, dataset))

    for comparison in (outcome, again):
        say(f"{'DIFFERS' if comparison.differences else 'EQUAL'}: {comparison.title}")
        for line in comparison.differences:
            say(f"   {line}")
    return not outcome.differences and not again.differences
