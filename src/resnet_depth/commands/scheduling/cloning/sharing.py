"""The coordinator's own part where others run in clones: what they need, and what stays here."""

from collections.abc import Callable, Iterable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

from resnet_depth.base.errors import UserError
from resnet_depth.commands.git import GitError, git
from resnet_depth.commands.reproducing.code import CODE
from resnet_depth.commands.scheduling.cloning.remote import (
    PATIENCE,
    bring,
    opened,
    send,
    sources,
    stages_in,
)
from resnet_depth.commands.scheduling.logs import log_of
from resnet_depth.commands.scheduling.plan import Plan
from resnet_depth.commands.scheduling.tasks import Outcome, Task, TaskFailed

# In dvc.yaml, a stage's `meta` says so of what reads from outside the repository.
HERE = "here"


def committed(root: Path) -> str:
    """Return the commit that clones are to run: HEAD, if all but results is as in it.

    Raises:
        UserError: If something else was changed, or there is no commit.
    """
    # With torch, which takes seconds to import.
    from resnet_depth.machine.environment import RESULTS  # noqa: PLC0415

    results = [f":(exclude){path}" for path in RESULTS]
    status = ["status", "--porcelain", "-z", "--no-renames", "--untracked-files=all", "--", "."]
    lines = git(root, *status, *results).split("\0")
    # A new file that isn't code or settings is nothing that a stage reads.
    changed = [
        line[3:] for line in lines if line and (line[:2] != "??" or line[3:].startswith(CODE))
    ]
    if changed:
        more = f" and {len(changed) - 1} more" if changed[1:] else ""
        raise UserError(
            f"{changed[0]}{more}: not committed, so that no clone would have it; commit or undo it"
        )
    return git(root, "rev-parse", "HEAD").strip()


def source_of(root: Path, *, far: bool) -> str:
    """Return what workers clone: this folder or, where they are `far`, git's remote `origin`.

    Raises:
        UserError: If there is no such remote.
    """
    if not far:
        return str(root.resolve())
    try:
        return git(root, "remote", "get-url", "origin").strip()
    except GitError:
        raise UserError(
            "git has no remote 'origin', from which workers on other machines clone; "
            "type: git remote add origin URL, or give --source"
        ) from None


def stays_here(root: Path, names: Iterable[str]) -> set[str]:
    """Return which instances can't run in a clone.

    Those are the ones that dvc.yaml's `meta` keeps here, and all with an output that DVC doesn't
    cache or an input that isn't one output as a whole: a folder of them, or a part.
    """
    with opened(root) as repo:
        stages = stages_in(repo)
        written = {out.def_path for name in stages for out in stages[name].outs}
        found = {name: stages[name] for name in names}
        return {
            name
            for name, stage in found.items()
            if (stage.meta or {}).get(HERE)
            or not all(out.use_cache for out in stage.outs)
            or any(_is_partly(dep.def_path, written) for dep in stage.deps)
        }


def sent_first(plan: Plan) -> list[str]:
    """Return the recorded instances that those to run read from."""
    read = {each for name in plan.possible() for each in plan.instances[name].upstream}
    return [name for name in plan.entries if name in read and not plan.must_run(name)]


class Divided(Executor):
    """Hands tasks to an executor over clones, but for those that stay here, one at a time.

    Whatever goes wrong with the first is told as a failed task.
    """

    def __init__(self, clones: Executor, here: Callable[[Task], Outcome], names: set[str]) -> None:
        """Keep both; `names` are the instances that stay here."""
        self._clones, self._here, self._names = clones, here, names
        self._pool = ThreadPoolExecutor(1)

    def submit(self, runner: Callable[..., Any], /, *tasks: Any, **_: Any) -> Future[Any]:
        """Hand out a task, which `runner` runs where it goes to a clone."""
        (task,) = tasks
        if task.alone or task.name in self._names:
            return self._pool.submit(self._here, task)
        handed: Future[Outcome] = Future()
        handed.set_running_or_notify_cancel()
        self._clones.submit(runner, task).add_done_callback(partial(_hand_on, task.name, handed))
        return handed

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Take nothing more; without `wait`, what clones run is cancelled."""
        self._clones.shutdown(wait=wait)
        self._pool.shutdown(wait=wait, cancel_futures=cancel_futures)


def _hand_on(name: str, handed: Future[Outcome], done: Future[Outcome]) -> None:
    if done.cancelled():
        line = "it was given up: it was stopped, or the scheduler is gone"
        handed.set_exception(TaskFailed(name, line, "on the worker, if it began"))
    elif error := done.exception():
        told = TaskFailed(name, f"{type(error).__name__}: {error}", "on the worker, if it began")
        handed.set_exception(error if isinstance(error, TaskFailed) else told)
    else:
        handed.set_result(done.result())


class SharedHere:
    """Runs instances in the coordinator's workspace, with inputs and outputs as others have them.

    `here` runs one, as `Here` does.
    """

    def __init__(
        self, root: Path, here: Callable[[Task], Outcome], patience: float = PATIENCE
    ) -> None:
        """Keep the workspace's folder and how to run there."""
        self._root, self._here, self._patience = root, here, patience

    def __call__(self, task: Task) -> Outcome:
        """Bring what an instance reads, run it, and send what it has written.

        Raises:
            TaskFailed: If the run fails, or the remote can't be used.
        """
        try:
            bring(self._root, task.name, task.entries, self._patience)
            outcome = self._here(task)
            send(self._root, [task.name], self._patience)
        except (UserError, OSError) as error:
            log = log_of(self._root, task.name).relative_to(self._root)
            raise TaskFailed(task.name, str(error), f"{log}, if it began") from error
        return outcome


def _is_partly(path: str, written: set[str]) -> bool:
    """Return whether a path holds outputs, or is a part of one."""
    return path not in written and bool(
        sources({"all": {"outs": [{"path": each} for each in written]}}, [path])
    )
