"""Training times that count: one training a depth and recipe again, with nothing beside it.

Where several ran at once, their durations are marked as taken on a shared machine, and no statement
on costs counts them. The record of durations is an output of `train` itself: so DVC runs the stage
again (`dvc repro --force --single-item train@…`), which gives the same network and another record,
and then what reads that, `report`.
"""

from pathlib import Path

from resnet_depth.base.errors import UserError
from resnet_depth.base.sections import load_section
from resnet_depth.commands.reproducing.dvc_command import run_dvc
from resnet_depth.commands.reproducing.lock import CLOCK_FOLDERS
from resnet_depth.commands.reproducing.look import look
from resnet_depth.commands.scheduling.index import load_plan
from resnet_depth.evidence.costs import BUSY
from resnet_depth.evidence.settings import StudySettings
from resnet_depth.runs.records import read_record
from resnet_depth.training.records import DurationRecord


def time_again(root: Path, dataset: str) -> None:
    """Train each depth and recipe of a dataset's study again with the first seed; report anew.

    Raises:
        UserError: If the study isn't up to date, or DVC fails.
    """
    look(root)
    target = f"report@{dataset}"
    plan = load_plan(root, target, here=True)
    if left := plan.possible():
        raise UserError(
            f"{target}: {len(left)} instances are to run first, such as {left[0]}; "
            f"type: make study DATASET={dataset}"
        )
    seed = load_section(root / "params.yaml", "study", StudySettings).seeds[0]
    names = [
        name
        for name in plan.instances
        if name.startswith(f"train@{dataset}-") and name.endswith(f"-{seed}")
    ]
    for name in names:
        run_dvc(root, "repro", "--force", "--single-item", name)
    run_dvc(root, "repro", target)
    for name in names:
        (place,) = (
            out["path"]
            for out in plan.entries[name]["outs"]
            if out["path"].startswith(CLOCK_FOLDERS)
        )
        record = read_record(root / place, DurationRecord, name)
        seconds = f"{record.train_seconds:.1f} s of training"
        print(f"{name}: {seconds}{f'; {BUSY}' if record.shared else ', alone'}")
