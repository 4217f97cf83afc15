"""What was changed between two studies: settings by key, code by file, the machine by field."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from resnet_depth.commands.comparing.sides import Side
from resnet_depth.commands.publishing.earlier import todays_form
from resnet_depth.commands.publishing.study import Study
from resnet_depth.commands.reproducing.code import code_of, line_changes
from resnet_depth.commands.reproducing.compare import differing_fields
from resnet_depth.commands.reproducing.lock import leaves
from resnet_depth.machine.records import MachineClass
from resnet_depth.training.settings import whole_recipe

NOTHING = "–"
# Beside the rooms, what decides which code runs and with which packages.
GRAPH = ("dvc.yaml", "requirements.lock")


class Change(NamedTuple):
    """A setting by its key, with its two values as text."""

    key: str
    was: str
    now: str


class File(NamedTuple):
    """A file of code, with how many lines were added and removed."""

    path: str
    added: str
    removed: str


def changed_settings(first: Side, second: Side, recipes: Sequence[tuple[str, str]]) -> list[Change]:
    """Return the settings in which two studies of one dataset differ.

    Recipes are compared whole, also the keys that they leave to the reference; `recipes` names
    those that are compared with each other. Other recipes and datasets are left out.
    """
    names = [was if was == now else f"{was} → {now}" for was, now in recipes]
    was, now = (
        _settings(side.study, dict(zip(names, own, strict=True)))
        for side, own in zip((first, second), zip(*recipes, strict=True), strict=True)
    )
    # Those first that say the most.
    keys = sorted(dict.fromkeys([*was, *now]), key=lambda key: not key.startswith("recipes."))
    return [
        Change(key, _text(was, key), _text(now, key))
        for key in keys
        if key not in was or key not in now or was[key] != now[key]
    ]


def changed_code(root: Path, first: Side, second: Side) -> list[File] | None:
    """Return the files that differ of the code that either study's results depend on.

    None where the code of one isn't known here.
    """
    if not (first.known and second.known):
        return None
    if first.commit == second.commit:
        return []
    paths = [*code_of([*first.entries.values(), *second.entries.values()]), *GRAPH]
    if first.commit is not None:
        found = line_changes(root, first.commit, second.commit, paths)
    else:
        # From the workspace to a commit: what was added there was removed here.
        found = line_changes(root, second.commit or "", None, paths)
        found = found and {path: (removed, added) for path, (added, removed) in found.items()}
    return None if found is None else [File(path, *lines) for path, lines in found.items()]


def changed_machine(first: Study, second: Study) -> list[str]:
    """Return a line for each field in which the machine classes of two studies differ.

    Where one was made on several, the first two that differ are told.
    """
    was, now = (
        [MachineClass.model_validate(each) for each in study.costs["machine_classes"]]
        for study in (first, second)
    )
    differing = [(a, b) for a in was for b in now if not a.is_like(b)]
    return differing_fields(*differing[0], ("in A", "in B")) if differing else []


def _settings(study: Study, recipes: dict[str, str]) -> dict[str, Any]:
    """Return a study's settings by dotted key; `recipes` are its own, by what they are called."""
    key, params = study.dataset["key"], study.params
    if "recipes" not in params:
        params = todays_form(params, key, study.depths[0])
    whole = {name: whole_recipe(params["recipes"], own) for name, own in recipes.items()}
    dataset = {key: params["datasets"][key]}
    return leaves({**params, "datasets": dataset, "recipes": whole})


def _text(settings: dict[str, Any], key: str) -> str:
    if key not in settings:
        return NOTHING
    value = settings[key]
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
