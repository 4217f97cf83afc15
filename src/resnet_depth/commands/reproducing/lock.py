"""What dvc.lock says: the entries of a study, and the hashes of its outputs."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

# A clock's readings, and what is made of them, are never equal twice.
CLOCK_STAGES = ("latency", "report")
CLOCK_FOLDERS = ("data/durations/",)


def stages_of(lock: Path, dataset: str) -> dict[str, dict[str, Any]]:
    """Return the entries of a dataset's stage instances, and of `settings`, which all share.

    Args:
        lock: A dvc.lock.
        dataset: Key of the dataset.

    Returns:
        Entries by instance, such as train@digits-18-0, in the order of the lock.
    """
    stages = YAML(typ="safe", pure=True).load(lock.read_text(encoding="utf-8"))["stages"]
    return {
        name: entry
        for name, entry in stages.items()
        if name.partition("@")[2].split("-")[0] in ("", dataset)
    }


def deterministic_outputs(lock: Path, dataset: str) -> dict[str, str]:
    """Return the hash of each output of a dataset's study that no clock has touched.

    Args:
        lock: A dvc.lock.
        dataset: Key of the dataset.

    Returns:
        Hashes by path, in the order of the lock.
    """
    return outputs_of(
        entry
        for name, entry in stages_of(lock, dataset).items()
        if name.partition("@")[0] not in CLOCK_STAGES
    )


def outputs_of(entries: Iterable[dict[str, Any]]) -> dict[str, str]:
    """Return the hash of each output of some entries of a dvc.lock, but clocks' readings."""
    return {
        output["path"]: output["md5"]
        for entry in entries
        for output in entry.get("outs", [])
        if not output["path"].startswith(CLOCK_FOLDERS)
    }
