"""What dvc.lock says: the entries of a study, and the hashes of its outputs."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from ruamel.yaml import YAML

# A clock's readings, and what is made of them, are never equal twice.
CLOCK_STAGES = ("latency", "pruned_latency", "report")
SHARED_STAGES = ("settings", "recipe", "start")
CLOCK_FOLDERS = ("data/durations/",)
# Of what lay in folders, members that left the study included.
INPUT_LISTS = "_inputs.json"


@dataclass(frozen=True)
class Entry:
    """A stage instance's dependencies and outputs, each path with its MD5 (a folder's: `….dir`)."""

    deps: dict[str, str]
    outs: dict[str, str]


def stages_of(lock: Path, dataset: str) -> dict[str, Entry]:
    """Return the entries of a dataset's stage instances, and of those that all datasets share.

    By instance, such as train@digits-reference-18-0, in the order of the lock.
    """
    stages = YAML(typ="safe").load(lock.read_text(encoding="utf-8"))["stages"]
    return {
        name: Entry(_hashes(entry.get("deps", [])), _hashes(entry.get("outs", [])))
        for name, entry in stages.items()
        if name.partition("@")[0] in SHARED_STAGES
        or name.partition("@")[2].split("-")[0] == dataset
    }


def deterministic_outputs(lock: Path, dataset: str) -> dict[str, str]:
    """Return the hash of each output of a dataset's study that no clock has touched, by path."""
    return outputs_of(
        entry
        for name, entry in stages_of(lock, dataset).items()
        if name.partition("@")[0] not in CLOCK_STAGES
    )


def outputs_of(entries: Iterable[Entry]) -> dict[str, str]:
    """Return the hash of each output of some entries that settings and code decide, no clock."""
    return {
        path: md5
        for entry in entries
        for path, md5 in entry.outs.items()
        if not path.startswith(CLOCK_FOLDERS) and not path.endswith(INPUT_LISTS)
    }


def _hashes(files: list[dict[str, str]]) -> dict[str, str]:
    """Return the MD5 of the files and folders that an entry lists, by path."""
    return {file["path"]: file["md5"] for file in files}
