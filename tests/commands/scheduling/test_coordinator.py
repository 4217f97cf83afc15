"""Which instances run beside which, in what order, and what is left out after a failure."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from resnet_depth.commands.scheduling.coordinator import Coordinator
from resnet_depth.commands.scheduling.plan import Instance, Plan
from resnet_depth.commands.scheduling.tasks import Outcome, TaskFailed
from resnet_depth.training.single_run import Interruption

# Two chains, what is timed behind them, and what brings all together.
GRAPH = {
    "first": (),
    "a1": ("first",),
    "b1": ("first",),
    "a2": ("a1",),
    "b2": ("b1",),
    "timing_a": ("a1",),
    "timing_b": ("b1",),
    "all": ("a2", "b2", "timing_a", "timing_b"),
}
PATIENCE = 60.0


class Silent:
    """A view that keeps what it is told."""

    def __init__(self):
        self.told, self.failed = [], threading.Event()

    def started(self, name):
        self.told.append(("started", name))

    def ended(self, name, failure=""):
        self.told.append(("failed" if failure else "done", name))
        if failure:
            self.failed.set()

    def show(self, running, waiting):
        self.running, self.waiting = running, waiting


class Runner:
    """Runs nothing; keeps what was at work at the same time, and meets others where asked."""

    def __init__(self, failing=(), meeting=()):
        self.failing, self.meeting = failing, meeting
        self.barrier = threading.Barrier(max(1, len(meeting)), timeout=PATIENCE)
        self.at_work, self.beside, self.order = set(), {}, []
        self.lock = threading.Lock()

    def __call__(self, task):
        with self.lock:
            self.order.append(task.name)
            self.at_work.add(task.name)
            for name in self.at_work:
                self.beside[name] = self.beside.get(name, set()) | self.at_work - {name}
        if task.name in self.meeting:
            self.barrier.wait()
        with self.lock:
            self.at_work.remove(task.name)
        if task.name in self.failing:
            raise TaskFailed(task.name, "no good", "the log")
        return Outcome(task.name, {"deps": [], "outs": []}, "machine")


def plan_of(changed=tuple(GRAPH)):
    instances = [
        Instance(
            *(name, upstream, {}, "code" if name in changed else ""),
            alone=name.startswith("timing"),
        )
        for name, upstream in GRAPH.items()
    ]
    return Plan(instances, {name: {} for name in GRAPH if name not in changed})


def run(runner, plan=None, jobs=4, asked=None, view=None, **options):
    view = view or Silent()
    with ThreadPoolExecutor(jobs) as pool:
        coordinator = Coordinator(plan or plan_of(), pool, runner, jobs, view, **options)
        return coordinator.run(asked or Interruption()), view


def test_all_run_once_each_behind_all_that_it_reads_from():
    runner = Runner()

    result, _ = run(runner)

    assert sorted(runner.order) == sorted(GRAPH)
    for name, upstream in GRAPH.items():
        assert all(runner.order.index(each) < runner.order.index(name) for each in upstream)
    assert sorted(result.done) == sorted(GRAPH)
    assert result.failed == result.skipped == []


def test_what_is_ready_runs_side_by_side():
    # They wait for each other: one at a time, this would never end.
    runner = Runner(meeting=("a1", "b1"))

    run(runner)

    assert "b1" in runner.beside["a1"]


def test_no_more_than_jobs_are_handed_out():
    runner = Runner()

    run(runner, jobs=1)

    assert not any(runner.beside.values())


def test_what_is_alone_runs_at_the_end_beside_nothing():
    runner = Runner()

    run(runner)

    assert runner.beside["timing_a"] == runner.beside["timing_b"] == set()
    assert runner.order[-3:] == ["timing_b", "timing_a", "all"]


def test_what_is_up_to_date_does_not_run():
    runner = Runner()

    result, _ = run(runner, plan_of(("b2", "timing_a")))

    assert runner.order == ["b2", "timing_a"]
    assert result.skipped == []


def test_after_a_failure_what_runs_ends_and_nothing_else_begins():
    view, runner = Silent(), Runner(failing=("a1",))

    def runs(task):
        assert task.name != "b1" or view.failed.wait(PATIENCE)
        return runner(task)

    result, _ = run(runs, view=view)

    assert runner.order == ["first", "a1", "b1"]
    assert [failure.name for failure in result.failed] == ["a1"]
    assert result.done == ["first", "b1"]
    assert result.skipped == ["a2", "b2", "timing_a", "timing_b", "all"]


def test_asked_to_keep_going_it_leaves_out_only_what_depends_on_the_failed_one():
    runner = Runner(failing=("a1",))

    result, _ = run(runner, keep_going=True)

    assert sorted(result.done) == ["b1", "b2", "first", "timing_b"]
    assert result.skipped == ["a2", "timing_a", "all"]


def test_what_is_not_accepted_has_failed():
    def record(outcomes):
        return [TaskFailed(each.name, "other hash", "") for each in outcomes if each.name == "b1"]

    result, _ = run(Runner(), keep_going=True, record=record)

    assert [failure.last_line for failure in result.failed] == ["other hash"]
    assert result.skipped == ["b2", "timing_b", "all"]


def test_asked_to_stop_it_stops_the_runs_and_hands_out_nothing_more():
    asked, stopped = Interruption(), threading.Event()

    def held(task):
        asked.request()
        assert stopped.wait(PATIENCE)
        raise TaskFailed(task.name, "stopped", "the log")

    result, view = run(held, asked=asked, stop=stopped.set)

    assert result.interrupted
    assert result.failed == result.done == []
    assert view.told == [("started", "first")]


def test_an_error_of_the_program_stops_the_runs_and_is_told():
    stopped = threading.Event()

    def broken(task):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run(broken, stop=stopped.set)

    assert stopped.is_set()


def test_the_view_is_told_what_waits():
    _, view = run(Runner(), jobs=1)

    assert view.running == ["all"]
    assert view.waiting == []


def test_of_what_is_ready_the_last_comes_first_as_the_deepest_networks_are():
    names = ["train@digits-reference-18-0", "train@digits-reference-50-0"]
    runner = Runner()

    run(runner, Plan([Instance(name, changed="code") for name in names], {}), jobs=1)

    assert runner.order == names[::-1]
