"""Runs a plan: each instance as soon as what it reads is recorded, several at once.

Where they run is the executor's and the runner's affair. A worker is given plain values and never
another's future, so that an engine that has lost a worker has nothing to compute again.
"""

from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from dataclasses import dataclass, field
from graphlib import TopologicalSorter

from resnet_depth.commands.scheduling.plan import Plan
from resnet_depth.commands.scheduling.tasks import Outcome, Task, TaskFailed
from resnet_depth.commands.scheduling.view import View
from resnet_depth.training.single_run import Interruption

Runner = Callable[[Task], Outcome]
# Seconds between two looks at whether to stop; the view is renewed as often.
POLL_SECONDS = 0.5


@dataclass
class Result:
    """What became of a plan: the instances that ran, that failed, and that were left out."""

    done: list[str] = field(default_factory=list)
    failed: list[TaskFailed] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    interrupted: bool = False


class Coordinator:
    """Hands out a plan's instances, what is `alone` at the end, and takes in what they left."""

    def __init__(
        self,
        plan: Plan,
        executor: Executor,
        runner: Runner,
        jobs: int,
        view: View,
        *,
        keep_going: bool = False,
        record: Callable[[list[Outcome]], Iterable[TaskFailed]] = lambda outcomes: (),  # noqa: ARG005
        stop: Callable[[], None] = lambda: None,
    ) -> None:
        """Prepare to run up to `jobs` instances of a plan at once.

        Args:
            plan: What is to run; it takes in the entries.
            executor: Where to.
            runner: Runs one instance there, and raises TaskFailed if that fails.
            jobs: How many are handed out at a time.
            view: Is told what happens.
            keep_going: Whether, after a failure, all goes on that doesn't depend on it. Without,
                only what runs already ends.
            record: Records outcomes that have come in together, where the runner hasn't done so;
                returns those that aren't accepted.
            stop: Asks what runs to end; called at each interruption.
        """
        self._plan, self._executor, self._runner, self._jobs = plan, executor, runner, jobs
        self._view, self._keep_going, self._record, self._stop = view, keep_going, record, stop
        waits_for = {name: each.upstream for name, each in plan.instances.items()}
        self._sorter = TopologicalSorter(waits_for)
        self._sorter.prepare()
        self._ready: list[str] = []
        self._running: dict[Future[Outcome], str] = {}
        self._result = Result()
        self._left = self._left_out()

    def run(self, asked: Interruption) -> Result:
        """Run the plan to its end, to a failure or until it is interrupted."""
        try:
            self._run(asked)
        except BaseException:
            # What was handed out isn't to go on without anybody who takes it in.
            self._stop()
            raise
        self._result.skipped = self._left_out()
        return self._result

    def _run(self, asked: Interruption) -> None:
        while True:
            if asked.requested and not self._result.interrupted:
                self._result.interrupted = True
                self._stop()
            failed = self._result.failed and not self._keep_going
            if not (failed or self._result.interrupted):
                self._take_in()
                self._hand_out()
            if not self._running:
                return
            running = list(self._running.values())
            self._view.show(running, [name for name in self._left if name not in running])
            ended, _ = wait(self._running, POLL_SECONDS, FIRST_COMPLETED)
            if ended:
                self._settle(ended)

    def _take_in(self) -> None:
        """Take in what has all its inputs recorded; what is up to date is done at once."""
        while names := self._sorter.get_ready():
            for name in names:
                if self._plan.must_run(name):
                    self._ready.append(name)
                else:
                    self._sorter.done(name)

    def _hand_out(self) -> None:
        # The last first: what reads from others is short and sets more free, and the deepest
        # networks, which come last in a study, would else be left to a few workers at its end.
        order = {name: index for index, name in enumerate(self._plan.instances)}
        self._ready.sort(key=order.__getitem__, reverse=True)
        instances = self._plan.instances
        at_work = [instances[name] for name in self._running.values()]
        together = [name for name in self._ready if not instances[name].alone]
        if any(each.alone for each in at_work):
            return
        chosen = together[: self._jobs - len(at_work)]
        if not at_work and not together:
            chosen = self._ready[:1]
        for name in chosen:
            self._ready.remove(name)
            future = self._executor.submit(self._runner, self._plan.task(name))
            self._running[future] = name
            self._view.started(name)

    def _settle(self, ended: Iterable[Future[Outcome]]) -> None:
        """Take in what those that have ended left, or why they failed."""
        outcomes: list[Outcome] = []
        failures: dict[str, TaskFailed] = {}
        for future in ended:
            del self._running[future]
            try:
                outcomes.append(future.result())
            except TaskFailed as failure:
                failures[failure.name] = failure
        if outcomes:
            failures |= {refused.name: refused for refused in self._record(outcomes)}
        for outcome in outcomes:
            if outcome.name not in failures:
                self._plan.record(outcome.name, outcome.entry)
                self._sorter.done(outcome.name)
                self._result.done.append(outcome.name)
                self._view.ended(outcome.name)
        # Who is asked to stop has not failed.
        for each in [] if self._result.interrupted else failures.values():
            self._result.failed.append(each)
            self._view.ended(each.name, each.last_line)
        self._left = self._left_out()

    def _left_out(self) -> list[str]:
        """Return what may be out of date yet, but for what failed."""
        failed = {failure.name for failure in self._result.failed}
        return [name for name in self._plan.possible() if name not in failed]
