"""Comparing two results of one study: by hashes on one class of machine, by metrics elsewhere.

On a machine of the same class (see `environment.machine_class`) every deterministic output must
have the same hash. Elsewhere float32 rounds otherwise, and training amplifies that within a few
steps, so what can be asked there is: the same start (`initial_loss`, the loss of the first batch
before any step, is fixed by seed, initialisation, order and images) and about the same end.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from resnet_depth.base.files import read_json
from resnet_depth.commands.reproducing.causes import what_differs
from resnet_depth.commands.reproducing.lock import (
    Entry,
    deterministic_outputs,
    leaves,
    outputs_of,
    stages_of,
    without_clocks,
)
from resnet_depth.evidence.reading import read_csv
from resnet_depth.evidence.statistics import pooled_sd
from resnet_depth.evidence.tables import accuracies_by_network
from resnet_depth.evidence.wording import listed
from resnet_depth.machine.records import MachineClass

# Rounding moves it by less than 1e-6, another seed by 5e-3 or more (docs/reproducibility.md).
INITIAL_LOSS_TOLERANCE = 1e-4
# Of a depth's mean test accuracy, in standard errors of a difference of two such means: rounding
# alone moves a single run by as much as another seed does. 1 in 1,000 with 12 degrees of freedom
# (three depths, three seeds, both sides) is 4.3. Seldom less than the floor, never more than the
# ceiling, so that a network that learns nothing fails however much its runs scatter.
ACCURACY_STANDARD_ERRORS = 4.3
ACCURACY_FLOOR, ACCURACY_CEILING = 0.02, 0.25
WITHIN_TOLERANCE = "EQUAL WITHIN TOLERANCE"
SAME_INPUTS = "settings, code and inputs that are equal: its output was changed by something else"


@dataclass(frozen=True)
class Comparison:
    """What was compared, in words, a line for each difference, and why it was this comparison.

    Without differences what was compared is `equal`, as that word or those words say.
    """

    title: str
    differences: list[str]
    reason: str = ""
    equal: str = "EQUAL"

    def tell(self) -> None:
        """Print what was found."""
        if self.reason:
            print(self.reason)
        print(f"{'DIFFERS' if self.differences else self.equal}: {self.title}")
        for line in self.differences:
            print(f"   {line}")


@dataclass(frozen=True)
class Results:
    """What a study gave, as far as it is compared: dvc.lock, accuracy.csv, machine classes."""

    entries: dict[str, Entry]
    accuracy: pd.DataFrame
    machine_classes: list[MachineClass]

    @property
    def hashes(self) -> dict[str, str]:
        """The hash of each output that no clock has touched, by path."""
        return deterministic_outputs(self.entries)


def read_results(root: Path, dataset: str) -> Results:
    """Read the results of a dataset's finished study from the folder of the repository."""
    machines = read_json(root / "plots" / dataset / "costs.json")["machine_classes"]
    return Results(
        entries=stages_of(root / "dvc.lock", dataset),
        accuracy=read_csv(root / "plots" / dataset / "accuracy.csv"),
        machine_classes=[MachineClass.model_validate(machine) for machine in machines],
    )


def compare_hashes(
    committed: dict[str, str], found: dict[str, str], where: str = "committed"
) -> Comparison:
    """Compare two results of `deterministic_outputs`, path by path.

    The first is called `where` in the differences, the second is from here.
    """
    differences = [
        f"{path}: {where} {committed.get(path, 'nothing')}, here {found.get(path, 'nothing')}"
        for path in sorted({*committed, *found})
        if committed.get(path) != found.get(path)
    ]
    return Comparison(f"hashes of {len(committed)} deterministic outputs", differences)


def beginnings(committed: Mapping[str, Entry], found: Mapping[str, Entry]) -> list[str]:
    """Return a line for each instance with which other bytes begin: it has read none.

    It says what the instance was told or read otherwise, if anything.
    """
    written = {path for entry in found.values() for path in entry.outs}
    lines = []
    for name, now in without_clocks(found).items():
        was = committed.get(name, now)
        if outputs_of([was]) == outputs_of([now]):
            continue
        other = what_differs(was, now)
        if not any(f"{out}/".startswith(f"{path}/") for out in written for path in other):
            lines.append(f"It begins at {name}, with {listed(other) or SAME_INPUTS}")
    return lines


def differing_fields(
    committed: MachineClass, found: MachineClass, where: tuple[str, str] = ("committed", "here")
) -> list[str]:
    """Return a line for each field in which two machine classes differ, as far as both tell.

    `where` says of each which it is.
    """
    # Records from before kernels were told tell no variables either.
    untold = set() if committed.kernels and found.kernels else {"kernels", "variables"}
    was, now = (leaves(each.model_dump(exclude=untold)) for each in (committed, found))
    return [
        f"{key}: {was.get(key, 'unset')} {where[0]}, {now.get(key, 'unset')} {where[1]}"
        for key in dict.fromkeys([*was, *now])
        # No variable at all is an empty mapping.
        if was.get(key) != now.get(key) and {} not in (was.get(key), now.get(key))
    ]


def compare_metrics(committed: pd.DataFrame, found: pd.DataFrame) -> Comparison:
    """Compare the accuracy tables (plots/<dataset>/accuracy.csv) of two runs of a study.

    One row a run, with recipe, depth, seed, initial_loss and test_accuracy; `found` is from this
    machine.
    """
    rows = committed.merge(
        found,
        on=["recipe", "depth", "seed"],
        how="outer",
        suffixes=("_committed", "_here"),
        indicator=True,
    )
    lone = rows[rows["_merge"] != "both"]
    differences = [
        f"{row.recipe}, ResNet-{row.depth}, seed {row.seed}: only on one side"
        for row in lone.itertuples()
    ]
    gap = (rows["initial_loss_here"] / rows["initial_loss_committed"] - 1).abs()
    differences += [
        f"{row.recipe}, ResNet-{row.depth}, seed {row.seed}: initial loss "
        f"{row.initial_loss_committed} committed, {row.initial_loss_here} here"
        for row in rows[gap > INITIAL_LOSS_TOLERANCE].itertuples()
    ]
    tolerance = accuracy_tolerance(committed, found)
    columns = ["test_accuracy_committed", "test_accuracy_here"]
    means = rows.groupby(["recipe", "depth"])[columns].mean()
    differences += [
        f"{recipe}, ResNet-{depth}: mean test accuracy {was} committed, {now} here"
        for (recipe, depth), (was, now) in zip(means.index, means.to_numpy(), strict=True)
        if abs(now - was) > tolerance
    ]
    title = (
        f"metrics: initial loss of each run within {INITIAL_LOSS_TOLERANCE:g} (relative), mean "
        f"test accuracy of each network within {tolerance:.3f}, which is "
        f"{ACCURACY_STANDARD_ERRORS} standard errors (at least {ACCURACY_FLOOR}, at most "
        f"{ACCURACY_CEILING})"
    )
    return Comparison(title, differences)


def accuracy_tolerance(committed: pd.DataFrame, found: pd.DataFrame) -> float:
    """Return how far two machines' mean test accuracies of one depth may lie apart, a fraction.

    The variance between seeds is pooled over networks and both sides; with one seed a network it is
    unknown, and the ceiling is returned. The tables are those of `compare_metrics`.
    """
    tables = accuracies_by_network(committed), accuracies_by_network(found)
    groups = [values for table in tables for values in table.values()]
    spread = pooled_sd(groups)
    if spread is None:
        return ACCURACY_CEILING
    error = spread * math.sqrt(2 / min(map(len, groups)))
    return min(ACCURACY_CEILING, max(ACCURACY_FLOOR, ACCURACY_STANDARD_ERRORS * error))


def compare_results(committed: Results, found: Results) -> Comparison:
    """Compare what the repository holds with what this machine made of it.

    By hashes where both come from the same class of machine, by metrics elsewhere.
    """
    classes = list(zip(committed.machine_classes, found.machine_classes, strict=False))
    alike = len(committed.machine_classes) == len(found.machine_classes) == len(classes)
    if alike and all(was.is_like(now) for was, now in classes):
        reason = "This machine is of the class of the committed results: bytes must be equal."
        compared = compare_hashes(committed.hashes, found.hashes)
        lines = [*compared.differences, *beginnings(committed.entries, found.entries)]
        return replace(compared, differences=lines, reason=reason)
    fields = [f"   {line}" for was, now in classes for line in differing_fields(was, now)]
    reason = "\n".join(
        [
            "This machine is of another class than the committed results: metrics must be close.",
            *(fields or [f"   {len(committed.machine_classes)} classes committed, 1 here"]),
        ]
    )
    compared = compare_metrics(committed.accuracy, found.accuracy)
    return replace(compared, reason=reason, equal=WITHIN_TOLERANCE)
