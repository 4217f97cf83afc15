"""A plan from what DVC's index says of dvc.yaml, dvc.lock, the settings and the code.

The index is loaded once, and each file of code and settings is looked at once: DVC's own `status`
does both again for each instance.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dvc.dependency import ParamsDependency
from dvc.exceptions import DvcException
from dvc.output import Output
from dvc.repo import Repo
from dvc.repo.reproduce import get_active_graph, plan_repro
from dvc.stage import PipelineStage
from dvc.utils.serialize import load_path
from dvc_data.hashfile.hash_info import HashInfo

from resnet_depth.base.errors import UserError
from resnet_depth.base.files import read_json
from resnet_depth.base.messages import told
from resnet_depth.commands.reproducing.agreement import folder_md5, listed_files
from resnet_depth.commands.reproducing.whole_lock import LOCK
from resnet_depth.commands.scheduling.plan import Instance, Plan

# In dvc.yaml, a stage's `meta` says so of its instances.
ALONE = "alone"


def load_plan(root: Path, target: str, *, here: bool) -> Plan:
    """Return the plan of an instance, such as report@digits, and of all that it depends on.

    With `here` the outputs have to be in this workspace too, as `dvc repro` has it: those that are
    missing or aren't as recorded are restored from DVC's cache, or made again.

    Raises:
        UserError: If DVC can't read dvc.yaml or dvc.lock, or has no such instance.
    """
    try:
        with Repo(str(root)) as repo:
            graph = get_active_graph(repo.index.graph)
            # Files that were added by hand are no instances; they are looked at as files.
            graph = graph.subgraph([each for each in graph if isinstance(each, PipelineStage)])
            # Not by its address, which depends on the folder that this runs in.
            named = [each for each in graph if each.name == target]
            if not named:
                raise UserError(f"{target}: dvc.yaml has no such instance")
            stages = plan_repro(graph, named)
            reader = _Reader(here)
            instances = [reader.instance(stage, graph) for stage in stages]
            lock = root / LOCK
            entries = load_path(str(lock), repo.fs)["stages"] if lock.is_file() else {}
            known = {name: entries[name] for stage in stages if (name := stage.name) in entries}
            return Plan(instances, known, _Folders(repo, known))
    except DvcException as error:
        raise UserError(f"dvc.yaml or its settings can't be read: {told(str(error))}") from error


class _Reader:
    """Looks at what an instance depends on that no other instance writes."""

    def __init__(self, here: bool) -> None:
        self._here = here
        self._hashes: dict[str, HashInfo | None] = {}
        self._settings: dict[str, Any] = {}

    def instance(self, stage: PipelineStage, graph: Any) -> Instance:
        """Return an instance; `graph` has an edge from each to those that it reads from."""
        upstream = list(graph.successors(stage))
        reads = {dep.def_path: _writers(dep, upstream) for dep in stage.deps}
        return Instance(
            name=stage.name,
            upstream=tuple(each.name for each in upstream),
            reads={path: writers for path, writers in reads.items() if writers},
            changed=self._changed(stage, reads),
            alone=bool((stage.meta or {}).get(ALONE)),
        )

    def _changed(self, stage: PipelineStage, reads: Mapping[str, tuple[Any, ...]]) -> str:
        """Return what of an instance isn't as its entry has it; nothing if all is."""
        if stage.cmd_changed or stage.always_changed:
            return "the command"
        for dep in stage.deps:
            if isinstance(dep, ParamsDependency):
                if keys := self._changed_settings(dep):
                    return keys[0]
            elif not reads[dep.def_path] and dep.hash_info != self._hash(dep):
                return str(dep.def_path)
        for out in stage.outs:
            if not out.hash_info or (self._here and out.status()):
                return str(out.def_path)
        return ""

    def _changed_settings(self, dep: ParamsDependency) -> list[str]:
        """Return the keys whose values in the settings file aren't those of the entry."""
        if dep.fs_path not in self._settings:
            self._settings[dep.fs_path] = load_path(dep.fs_path, dep.fs)
        now, was = self._settings[dep.fs_path], dep.hash_info.value or {}
        keys = dep.params or [*now, *was]
        return [key for key in keys if key not in was or _value(now, key) != was[key]]

    def _hash(self, dep: Output) -> HashInfo | None:
        """Return the hash of a file or folder; None where there is none."""
        if dep.def_path not in self._hashes:
            self._hashes[dep.def_path] = dep.get_hash() if dep.exists else None
        return self._hashes[dep.def_path]


def _writers(dep: Output, upstream: list[PipelineStage]) -> tuple[tuple[str, str], ...]:
    """Return the outputs at, below or above what an instance reads, each with who writes it."""
    place = Path(dep.fs_path)
    return tuple(
        (stage.name, out.def_path)
        for stage in upstream
        for out in stage.outs
        if place.is_relative_to(out.fs_path) or Path(out.fs_path).is_relative_to(place)
    )


def _value(settings: Any, key: str) -> Any:
    """Return the value of a dotted key; the key itself, which no value equals, if it is missing."""
    for part in key.split("."):
        if not isinstance(settings, dict) or part not in settings:
            return f"no {key}"
        settings = settings[part]
    return settings


class _Folders:
    """The files in folders of which the hash is known: from DVC's cache or from lists in git.

    A list of what a stage has read stands among its outputs; it is true if it gives the hash.
    """

    def __init__(self, repo: Repo, entries: Mapping[str, Any]) -> None:
        self._repo = repo
        self._known: dict[str, dict[str, str]] = {}
        self._listed: dict[str, dict[str, str]] | None = None
        self._outs = {
            each["path"]: each["md5"] for entry in entries.values() for each in entry["outs"]
        }

    def __call__(self, md5: str) -> dict[str, str] | None:
        """Return the MD5 of each file in a folder, by its path there; None if it isn't known."""
        if md5 not in self._known:
            cached = Path(self._repo.cache.local.oid_to_path(md5))
            if cached.is_file():
                self._known[md5] = {each["relpath"]: each["md5"] for each in read_json(cached)}
            else:
                self._known |= self._from_lists()
        return self._known.get(md5)

    def _from_lists(self) -> dict[str, dict[str, str]]:
        """Return the same of all folders that lists tell of, by the folder's hash."""
        if self._listed is None:
            files = listed_files(self._repo, self._outs)
            self._listed = {
                md5: {
                    path.removeprefix(f"{out}/"): found
                    for path, found in files.items()
                    if path.startswith(f"{out}/")
                }
                for out, md5 in self._outs.items()
                if md5.endswith(".dir") and folder_md5(out, files) == md5
            }
        return self._listed
