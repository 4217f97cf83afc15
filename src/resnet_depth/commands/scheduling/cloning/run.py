"""A target's instances, several at once, in clones on this machine or on others."""

from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from resnet_depth.base.errors import UserError
from resnet_depth.commands.reproducing.look import look
from resnet_depth.commands.reproducing.whole_lock import LOCK, keep
from resnet_depth.commands.scheduling.cloning.clones import InClone, thread_variables
from resnet_depth.commands.scheduling.cloning.dask_workers import (
    is_far,
    local_workers,
    no_longer_wanted,
    require_safe,
    tell_progress,
    workers_of,
)
from resnet_depth.commands.scheduling.cloning.entries import Recorder
from resnet_depth.commands.scheduling.cloning.machine_classes import own_machine
from resnet_depth.commands.scheduling.cloning.remote import nowhere, remote_settings, send
from resnet_depth.commands.scheduling.cloning.sharing import (
    Divided,
    SharedHere,
    committed,
    sent_first,
    source_of,
    stays_here,
)
from resnet_depth.commands.scheduling.coordinator import Coordinator, Result
from resnet_depth.commands.scheduling.here import Here
from resnet_depth.commands.scheduling.index import load_plan
from resnet_depth.commands.scheduling.plan import Plan
from resnet_depth.commands.scheduling.run import show_plan, tell, view_of
from resnet_depth.commands.scheduling.slots import Slots
from resnet_depth.commands.scheduling.view import View
from resnet_depth.training.checkpoints import remove_recorded
from resnet_depth.training.single_run import interruption


@dataclass(frozen=True)
class Workers:
    """Which workers to use, and how.

    Of `scheduler`, an address, and `local`, a number of processes on this machine, one is given.
    `source` is what they clone, if not this folder or git's `origin`; `checkpoints` a folder that
    all of them see. `any_machine` accepts results of other machine classes than this one's.
    `stopped` tells a worker that nobody wants what it runs any more, and by `tell` it tells how far
    that is.
    """

    scheduler: str | None = None
    local: int | None = None
    source: str | None = None
    checkpoints: Path | None = None
    any_machine: bool = False
    stopped: Callable[[], bool] = no_longer_wanted
    tell: Callable[[str, str], None] = tell_progress

    def __post_init__(self) -> None:
        """See that one kind of worker is given, and that what it is sent is safe.

        Raises:
            UserError: If not.
        """
        if bool(self.scheduler) == bool(self.local):
            raise UserError("allowed: one of --scheduler and --local-cluster")
        if self.scheduler:
            require_safe(self.scheduler)

    @contextmanager
    def executor(self, heard: Callable[[str, str], None]) -> Iterator[tuple[Executor, int]]:
        """Yield an executor over the workers, and how many instances they take at once.

        `heard` is told an instance's name and how far it is, in words.
        """
        if self.scheduler:
            with workers_of(self.scheduler, heard) as found:
                yield found
        elif self.local:
            with local_workers(self.local, heard) as executor:
                yield executor, self.local


def run_in_clones(
    root: Path, target: str, workers: Workers, *, keep_going: bool, dry: bool
) -> None:
    """Run what of a target is out of date in clones, as many instances at once as workers take.

    What can't run there runs here. With `dry`, it is only said what would run.

    Raises:
        UserError: If workers or remote can't be used, something isn't committed, or a run fails.
        Interrupted: If it was asked to stop.
    """
    look(root)
    commit, remote = committed(root), remote_settings(root)
    source = workers.source or source_of(root, far=is_far(workers.scheduler or ""))
    plan = load_plan(root, target, here=False)
    for name, path in nowhere(root, plan.entries).items():
        plan.run_again(name, path)
    far = dict[str, str]()
    with workers.executor(far.__setitem__) as (executor, places):
        show_plan(plan, places, whole=dry)
        if dry:
            return
        send(root, sent_first(plan))
        runner = InClone(
            source,
            commit,
            remote,
            thread_variables(),
            workers.checkpoints and workers.checkpoints.resolve(),
            machine=None if workers.any_machine else own_machine(),
            stopped=workers.stopped,
            tell=workers.tell,
        )
        view = view_of(plan, root, far)
        result = _coordinate(root, plan, executor, places, runner, view, keep_going)
    keep(root)
    if workers.checkpoints:
        remove_recorded(workers.checkpoints, root / LOCK)
    tell(result)


def _coordinate(
    root: Path,
    plan: Plan,
    executor: Executor,
    places: int,
    runner: InClone,
    view: View,
    keep_going: bool,
) -> Result:
    """Run a plan, what has to stay here by DVC in this workspace."""
    alone = {name for name, each in plan.instances.items() if each.alone}
    names = stays_here(root, plan.instances) | alone
    here = Here(root, Slots(1, []))
    divided = Divided(executor, SharedHere(root, here), names)

    def stop() -> None:
        here.stop()
        divided.shutdown(wait=False)

    recorder = Recorder(root, runner.commit, plan.entries, runner.machine)
    with closing(recorder), interruption() as asked, view:
        return Coordinator(
            plan,
            divided,
            runner,
            places,
            view,
            keep_going=keep_going,
            # DVC has recorded itself what ran here.
            record=lambda outcomes: recorder.record(
                [each for each in outcomes if each.name not in names]
            ),
            stop=stop,
        ).run(asked)
