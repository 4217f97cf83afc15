"""What dvc.lock says: the entries of a study, and the hashes of its outputs."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

# A clock's readings, and what is made of them, are never equal twice.
CLOCK_STAGES = ("latency", "pruned_latency", "report")
SHARED_STAGES = ("settings", "recipe", "start")
CLOCK_FOLDERS = ("data/durations/",)
# Of what lay in folders, members that left the study included.
INPUT_LISTS = "_inputs.json"


@dataclass(frozen=True)
class Entry:
    """A stage instance's dependencies and outputs, each path with its MD5 (a folder's: `….dir`).

    `params` are the settings that it was run with, by dotted key, and `command` what was run.
    """

    deps: dict[str, str]
    outs: dict[str, str]
    params: dict[str, Any] = field(default_factory=dict)
    command: str = ""


def stages_of(lock: Path, dataset: str) -> dict[str, Entry]:
    """Return the entries of a dataset's stage instances, and of those that all datasets share.

    By instance, such as train@digits-reference-18-0, in the order of the lock.
    """
    return entries_in(lock.read_text(encoding="utf-8"), dataset)


def entries_in(text: str, dataset: str) -> dict[str, Entry]:
    """Return the same of a lock's text."""
    stages = YAML(typ="safe").load(text)["stages"]
    return {
        name: Entry(
            _hashes(entry.get("deps", [])),
            _hashes(entry.get("outs", [])),
            leaves(entry.get("params", {}).get("params.yaml", {})),
            entry.get("cmd", ""),
        )
        for name, entry in stages.items()
        if is_of(dataset, name)
    }


def is_of(dataset: str, name: str) -> bool:
    """Return whether a stage instance, by its name, has a part in a dataset's study."""
    stage, _, member = name.partition("@")
    return stage in SHARED_STAGES or member.split("-")[0] == dataset


def leaves(content: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Return each value of settings by its dotted key, such as `recipes.reference.lr`."""
    found: dict[str, Any] = {}
    for name, value in content.items():
        key = f"{prefix}{name}"
        found |= leaves(value, f"{key}.") if isinstance(value, dict) and value else {key: value}
    return found


def deterministic_outputs(entries: Mapping[str, Entry]) -> dict[str, str]:
    """Return the hash of each output of a study's instances that no clock has touched, by path."""
    return outputs_of(without_clocks(entries).values())


def without_clocks(entries: Mapping[str, Entry]) -> dict[str, Entry]:
    """Return the entries of instances whose outputs no clock has touched."""
    return {k: entry for k, entry in entries.items() if k.partition("@")[0] not in CLOCK_STAGES}


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
