"""Training one published network again, from nothing, and comparing its bytes."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from resnet_depth.base.errors import UserError
from resnet_depth.base.files import read_json
from resnet_depth.commands.publishing.publish import LOCK, PARAMS, PROVENANCE, RESULTS
from resnet_depth.commands.publishing.study import open_study
from resnet_depth.commands.reproducing.clone import Clone
from resnet_depth.commands.reproducing.code import changed_code
from resnet_depth.commands.reproducing.compare import (
    INITIAL_LOSS_TOLERANCE,
    Comparison,
    compare_hashes,
)
from resnet_depth.commands.reproducing.lock import outputs_of, stages_of
from resnet_depth.data.download.settings import source_variable
from resnet_depth.runs.names import TRAIN_RECORD_FILE, Run


def verify(root: Path, study: str, name: str, folder: Path, say: Callable[[str], None]) -> bool:
    """Train a published network again in a clean clone and compare with the published dvc.lock.

    The clone has the published settings and an empty cache, so that everything is made anew; the
    repository's own results are neither read nor changed.

    Args:
        root: The repository; its HEAD's code trains.
        study: Name of the publication.
        name: Of the run, such as `resnet18-seed0`.
        folder: Where to put the clone.
        say: Called with each line of the outcome.

    Returns:
        Whether all bytes are equal or, on a machine of another class, the first loss is.

    Raises:
        UserError: If there is no such publication or run, or a stage fails.
    """
    published = open_study(root / RESULTS, study).folder
    provenance = read_json(published / PROVENANCE)
    dataset, run = provenance["dataset"]["key"], _run(provenance, name)
    clone = Clone(root, folder, absolute_source(dataset))
    (clone.folder / PARAMS).write_bytes((published / PARAMS).read_bytes())
    target = f"train@{dataset}-{run.depth}-{run.seed}"
    instances = ["settings", f"download@{dataset}", f"prepare@{dataset}", target]
    entries = stages_of(published / LOCK, dataset)
    changed = changed_code(clone.folder, [entries[instance] for instance in instances])
    if changed:
        say(f"The code has changed since: {', '.join(changed)}")

    say(f"1. From nothing, with the published settings: dvc repro --force {target}")
    clone.dvc("repro", "--force", target)

    say("2. Are the bytes equal?")
    made = stages_of(clone.folder / LOCK, dataset)
    was, now = (outputs_of(each[instance] for instance in instances) for each in (entries, made))
    comparison = compare_hashes(was, now, where="published")
    _tell(comparison, say)
    if not comparison.differences:
        return True
    same = _same_class(provenance, name, clone.folder, dataset)
    code = "the code has changed since" if changed else "the code is the same"
    if same:
        say(f"This machine is of the class of the published results, and {code}.")
        return False
    say(f"This machine is of another class than the published results, and {code}:")
    say("bytes may differ, the start may not.")
    start = _compare_start(published, clone.folder / "models" / dataset, name)
    _tell(start, say)
    return not start.differences


def _run(provenance: dict[str, Any], name: str) -> Run:
    """Return a published run by its name."""
    runs = {each["run"]: Run(each["depth"], each["seed"]) for each in provenance["training"]}
    if name not in runs:
        raise UserError(f"RUN={name}: not published; allowed: {', '.join(runs)}")
    return runs[name]


def absolute_source(dataset: str) -> dict[str, str]:
    """Return the variable that names a dataset's place, so that it holds in any folder.

    Args:
        dataset: Its key.

    Returns:
        The variable and its value; nothing where it is unset or names no file or folder here.
    """
    variable = source_variable(dataset)
    place = Path(os.environ.get(variable, "")).expanduser()
    return {variable: str(place.resolve())} if os.environ.get(variable) and place.exists() else {}


def _same_class(provenance: dict[str, Any], name: str, clone: Path, dataset: str) -> bool:
    """Return whether a run was published from a machine of this one's class."""
    published = next(each for each in provenance["training"] if each["run"] == name)
    here = read_json(clone / "data" / "durations" / dataset / f"{name}.json")["environment"]
    machines: list[dict[str, Any]] = provenance["machine_classes"]
    return bool(machines[published["machine_class"]] == here["machine_class"])


def _compare_start(published: Path, models: Path, name: str) -> Comparison:
    """Compare the loss of the first batch before any step, which only rounding may change."""
    was, now = (
        float(read_json(path)["initial_loss"])
        for path in (published / "training" / f"{name}.json", models / name / TRAIN_RECORD_FILE)
    )
    differs = abs(now / was - 1) > INITIAL_LOSS_TOLERANCE
    lines = [f"{name}: initial loss {was} published, {now} here"] if differs else []
    return Comparison(f"initial loss within {INITIAL_LOSS_TOLERANCE:g} (relative)", lines)


def _tell(comparison: Comparison, say: Callable[[str], None]) -> None:
    """Say what a comparison found."""
    say(f"{'DIFFERS' if comparison.differences else 'EQUAL'}: {comparison.title}")
    for line in comparison.differences:
        say(f"   {line}")
