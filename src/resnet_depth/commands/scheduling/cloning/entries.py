"""What clones hand back, put into the one dvc.lock: verified, several at once, in one step.

An entry says which command, settings, code and inputs gave which outputs. All but the outputs can
be told beforehand, from the commit that the clone ran and from what is recorded of its inputs.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from dvc.dependency import ParamsDependency
from dvc.exceptions import DvcException
from dvc.repo import Repo
from dvc.stage import PipelineStage
from dvc.stage.loader import StageLoader
from dvc.stage.serialize import to_single_stage_lockfile

from resnet_depth.commands.reproducing.code import md5_of
from resnet_depth.commands.reproducing.whole_lock import LOCK, locked_by_dvc, modify_whole
from resnet_depth.commands.scheduling.cloning.machine_classes import differences
from resnet_depth.commands.scheduling.cloning.remote import PATIENCE, lacking, stages_in
from resnet_depth.commands.scheduling.tasks import Outcome, TaskFailed


class Recorder:
    """Verifies outcomes against a commit and what is recorded, and records them in dvc.lock."""

    def __init__(
        self,
        root: Path,
        commit: str,
        entries: Mapping[str, Any],
        machine: str | None,
        patience: float = PATIENCE,
    ) -> None:
        """Read the commit's dvc.yaml.

        Args:
            root: Folder of the repository.
            commit: The commit that the clones ran.
            entries: dvc.lock's entries by instance; looked at each time anew.
            machine: The machine class that outcomes must be of, as `own_machine` has it; None for
                any.
            patience: Seconds for which a remote that can't be used is tried again.
        """
        self._root, self._entries = root, entries
        self._machine, self._patience = machine, patience
        # Not the workspace, which may be edited meanwhile.
        self._repo = Repo(str(root), rev=commit)
        self._stages = stages_in(self._repo)
        self._code: dict[str, str | None] = {}

    def close(self) -> None:
        """Give back what DVC holds open."""
        self._repo.close()

    def record(self, outcomes: Sequence[Outcome]) -> list[TaskFailed]:
        """Put the entries of all outcomes that are right into dvc.lock, in one step.

        Returns:
            The others, each with what is wrong with it.

        Raises:
            UserError: If the remote can't be used, which has to have every output.
        """
        faults = {each.name: self.fault(each) for each in outcomes}
        right = {each.name: each.entry for each in outcomes if not faults[each.name]}
        missing = set(lacking(self._root, right.values(), self._patience)) if right else set()
        for name, entry in list(right.items()):
            if paths := [out["path"] for out in entry["outs"] if out["path"] in missing]:
                faults[name] = f"{paths[0]} isn't in DVC's remote"
                del right[name]
        if right:
            splice(self._root, right)
        return [
            TaskFailed(name, f"not accepted: {fault}", "on its worker")
            for name, fault in faults.items()
            if fault
        ]

    def fault(self, outcome: Outcome) -> str:
        """Return what is wrong with an outcome, whatever the remote has; nothing if it is right."""
        if self._machine and (others := differences(outcome.machine, self._machine)):
            return f"it ran on a machine of another class, {'; '.join(others)}"
        entry, stage = outcome.entry, self._stages[outcome.name]
        if entry.get("cmd") != stage.cmd:
            return "it ran another command"
        for key, paths in (
            ("deps", {each.def_path for each in stage.deps if not _is_settings(each)}),
            ("outs", {each.def_path for each in stage.outs}),
        ):
            if paths != {each.get("path") for each in entry.get(key, [])}:
                return f"it has other {key} than dvc.yaml"
        return self._content_fault(stage, entry)

    def _content_fault(self, stage: PipelineStage, entry: Mapping[str, Any]) -> str:
        StageLoader.fill_from_lock(stage, entry)
        written = {
            out["path"]: out["md5"] for each in self._entries.values() for out in each["outs"]
        }
        for dep in stage.deps:
            if _is_settings(dep):
                # By key; one word where the entry has no settings at all.
                if changed := dep.status().get(str(dep)):
                    keys = changed if isinstance(changed, dict) else dep.params
                    return f"it ran with another {next(iter(keys), dep)}"
            elif dep.hash_info.value != (written.get(dep.def_path) or self._md5(dep.def_path)):
                return f"it read another {dep.def_path}"
        with suppress(DvcException, AssertionError, AttributeError):
            if to_single_stage_lockfile(stage) == entry:
                return ""
        return "it isn't in the form of dvc.lock"

    def _md5(self, path: str) -> str | None:
        """Return the MD5 that DVC gives to a file or folder of the commit; None without one."""
        if path not in self._code:
            self._code[path] = md5_of(self._repo, path)
        return self._code[path]


def splice(root: Path, entries: Mapping[str, Any]) -> None:
    """Put entries into dvc.lock under DVC's own lock, for which other commands wait."""
    with locked_by_dvc(root, "lock"), modify_whole(root / LOCK) as content:
        content.setdefault("schema", "2.0")
        content.setdefault("stages", {}).update(entries)


def _is_settings(dep: Any) -> bool:
    return isinstance(dep, ParamsDependency)
