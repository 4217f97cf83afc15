"""Removing what members that left the study have left behind.

DVC keeps the dvc.lock entry and the files of a dataset, depth or seed that was taken out of
params.yaml (https://github.com/iterative/dvc/issues/5293). A finished training's checkpoint stays
where nothing ran after DVC recorded it, and a training leaves the file of its lock.
"""

import shutil
from contextlib import suppress
from pathlib import Path
from typing import Any

from dvc.exceptions import DvcException
from dvc.repo import Repo
from dvc.stage import PipelineStage
from filelock import FileLock, Timeout

from resnet_depth.base.errors import UserError
from resnet_depth.commands.reproducing.whole_lock import keep, modify_whole
from resnet_depth.training.checkpoints import STATE_FILE, remove_recorded


def tidy(root: Path) -> list[str]:
    """Remove lock entries, and the outputs they name, of stages that dvc.yaml no longer has.

    The checkpoints of finished trainings that dvc.lock has go as well, and the lock files of
    trainings that don't run.

    An output is kept where a stage that is still there writes it. DVC's cache keeps its copy, so
    that a member that comes back is restored, not trained again.

    Returns:
        The names of the removed entries, and the paths of the removed outputs and checkpoints.

    Raises:
        UserError: If dvc.yaml can't be read.
    """
    lock = root / "dvc.lock"
    try:
        with Repo(str(root), _wait_for_lock=True) as repo, repo.lock:
            stages = list(repo.index.stages)
            # Not as they are addressed, which depends on the folder that this runs in.
            names = {stage.name for stage in stages if isinstance(stage, PipelineStage)}
            outputs = {str(Path(out.fs_path).relative_to(root)) for s in stages for out in s.outs}
            if not lock.is_file():
                return []
            # As dvc.yaml names it to the stages.
            checkpoints = root / ".checkpoints"
            found = [state.parent for state in sorted(checkpoints.rglob(STATE_FILE))]
            remove_recorded(checkpoints, lock)
            removed = [str(each.relative_to(root)) for each in found if not each.exists()]
            _remove_free_locks(checkpoints)
            with modify_whole(lock) as content:
                removed += _remove(content.get("stages") or {}, names, outputs, root)
            # An older copy has what was removed: by it the lock would be taken for cut off.
            keep(root)
            return removed
    except DvcException as error:
        raise UserError(f"dvc.yaml or its settings can't be read: {error}") from error


def _remove_free_locks(folder: Path) -> None:
    """Remove the lock files that no process holds; whoever waits for one makes it anew."""
    # Listed first: folders go while they are walked.
    for path in sorted(folder.rglob("*.lock")):
        with suppress(Timeout), FileLock(path, blocking=False, fallback_to_soft=False):
            path.unlink()
            # A recipe's folder that holds nothing any more.
            with suppress(OSError):
                path.parent.rmdir()


def _remove(entries: dict[str, Any], names: set[str], outputs: set[str], root: Path) -> list[str]:
    """Drop the entries whose name isn't among `names`; return what was removed."""
    removed = []
    for name in [name for name in entries if name not in names]:
        removed.append(name)
        for output in entries.pop(name).get("outs", []):
            path = root / output["path"]
            if output["path"] in outputs or not path.exists():
                continue
            shutil.rmtree(path) if path.is_dir() else path.unlink()
            removed.append(output["path"])
            # The folders above that hold nothing any more, below the top ones.
            with suppress(OSError):
                for parent in Path(output["path"]).parents[:-2]:
                    (root / parent).rmdir()
    return removed
