"""A target's instances, several at once, in this workspace."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from resnet_depth.base.errors import Interrupted, UserError
from resnet_depth.commands.reproducing.look import look
from resnet_depth.commands.reproducing.whole_lock import keep
from resnet_depth.commands.scheduling.coordinator import Coordinator, Result
from resnet_depth.commands.scheduling.here import Here
from resnet_depth.commands.scheduling.index import load_plan
from resnet_depth.commands.scheduling.logs import log_of, progress_in
from resnet_depth.commands.scheduling.plan import Plan
from resnet_depth.commands.scheduling.slots import Slots
from resnet_depth.commands.scheduling.tasks import TaskFailed
from resnet_depth.commands.scheduling.view import View
from resnet_depth.training.single_run import interruption


def show_plan(plan: Plan, jobs: int, *, whole: bool) -> None:
    """Say how many of how many instances are to run and, if `whole`, which.

    Of those that only lie below others that run it can't be known yet.
    """
    possible, certain = plan.possible(), set(plan.certain())
    count = f"{len(possible)} of {len(plan.instances)} instances to run, {jobs} at once"
    names = [
        f"  {name}{'' if name in certain else ', if what it reads changes'}" for name in possible
    ]
    print("\n".join([f"plan: {count}", *(names if whole else [])]), flush=True)


def view_of(plan: Plan, root: Path, elsewhere: Mapping[str, str] | None = None) -> View:
    """Return a view of a plan's runs.

    How far a run is, it takes from `elsewhere`, by the run's name, or else from its log in the
    repository's folder.
    """

    def progress_of(name: str) -> str:
        return (elsewhere or {}).get(name) or progress_in(log_of(root, name))

    return View(len(plan.possible()), progress_of)


def run_here(
    root: Path,
    target: str,
    jobs: int,
    *,
    devices: Sequence[str] = (),
    keep_going: bool = False,
    dry: bool = False,
) -> None:
    """Run what of a target is out of date, `jobs` instances at once; or only say what, if `dry`.

    Where there are several `devices`, GPUs, each run has one of them for itself.

    Raises:
        UserError: If there are too few GPUs for that, DVC can't work here, or a run fails.
        Interrupted: If it was asked to stop; all runs have ended then, each with its checkpoint.
    """
    look(root)
    slots = Slots(jobs, devices)
    plan = load_plan(root, target, here=True)
    show_plan(plan, jobs, whole=dry)
    if dry:
        return
    here = Here(root, slots)
    with (
        interruption() as asked,
        ThreadPoolExecutor(jobs) as pool,
        view_of(plan, root) as view,
    ):
        coordinator = Coordinator(
            plan, pool, here, jobs, view, keep_going=keep_going, stop=here.stop
        )
        result = coordinator.run(asked)
    keep(root)
    tell(result)


def tell(result: Result) -> None:
    """Say what failed, how much was left out for it, and what to do.

    Raises:
        UserError: If something failed.
        Interrupted: If it was asked to stop.
    """
    if result.interrupted:
        raise Interrupted(
            f"stopped, {len(result.done)} instances done; nothing is lost: the same command goes "
            "on from here"
        )
    count = len(result.skipped)
    skipped = f"{count} instance{'' if count == 1 else 's'} skipped"
    if result.failed:
        raise UserError(
            "\n".join(f"{each}; {skipped}; {_repeated(each)}" for each in result.failed)
        )


def _repeated(failure: TaskFailed) -> str:
    """Return where the log of a failed instance is, and how to repeat it alone."""
    return f"its log: {failure.log}; alone: dvc repro --single-item {failure.name}"
