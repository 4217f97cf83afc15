"""Measure what clones and the one dvc.lock cost, as processor seconds, for the simulation.

    PYTHONPATH=src:tests python tests/given/scheduling_costs.py

It runs the stage `settings` of this repository in a clone, and splices entries of its dvc.lock into
locks of 15, 60 and 300 runs. Processor seconds hardly depend on what else the machine does.
"""

import resource
import subprocess
import sys
import tempfile
from pathlib import Path

from dvc.utils.serialize import modify_yaml
from ruamel.yaml import YAML

from resnet_depth.commands.reproducing.whole_lock import ENTRY, HEAD
from resnet_depth.commands.scheduling.cloning.clone_folders import own_clone
from resnet_depth.commands.scheduling.cloning.clones import InClone
from resnet_depth.commands.scheduling.cloning.entries import Recorder, splice
from resnet_depth.commands.scheduling.cloning.machine_classes import own_machine
from resnet_depth.commands.scheduling.cloning.remote import lacking
from resnet_depth.commands.scheduling.tasks import Task

ROOT = Path(__file__).parents[2]
RUNS, KINDS = (15, 60, 300), ("train", "evaluate")
REPEATS = 3


def seconds(action):
    """The processor seconds of an action, those of processes that it waited for included."""
    before = used()
    action()
    return used() - before


def used():
    both = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in both)


def measure_clone(place):
    head = subprocess.run(
        ["git", "rev-parse", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.strip()
    (place / "remote").mkdir()
    remote, home = {"url": str(place / "remote")}, place / "clones"

    def start():
        with own_clone(home, str(ROOT), head, remote, None):
            pass
        own_machine()

    print(f"a worker's start: {seconds(start):.2f}")
    run, task = InClone(str(ROOT), head, remote, home=home), Task("settings", {}, alone=False)
    outcomes = []
    in_clone = [seconds(lambda: outcomes.append(run(task))) for _ in range(1 + REPEATS)]
    with own_clone(home, str(ROOT), head, remote, None) as clone:
        cache = clone / ".dvc" / "cache" / "runs"
        print(f"an instance from the run-cache, no stage run: {min(in_clone[1:]):.2f}")
        subprocess.run(["rm", "-r", cache], check=True)
    whole = seconds(lambda: run(task))
    command = [sys.executable, *outcomes[0].entry["cmd"].split()[2:]]
    with own_clone(home, str(ROOT), head, remote, None) as clone:
        alone = seconds(
            lambda: subprocess.run(
                command, cwd=clone, env={"PYTHONPATH": "src"}, check=True, capture_output=True
            )
        )
        print(f"an instance: {whole:.2f}, of which the stage {alone:.2f}")
        recorder = Recorder(clone, head, {}, None)
        first = seconds(lambda: recorder.fault(outcomes[0]))
        later = min(seconds(lambda: recorder.fault(outcomes[0])) for _ in range(REPEATS))
        recorder.close()
        print(f"to verify an outcome: {first:.3f} the first, {later:.3f} later")
        entry = outcomes[0].entry
        there = min(seconds(lambda: lacking(clone, [entry], 0)) for _ in range(REPEATS))
        print(f"to ask the remote for a batch: {there:.3f}")


def measure_lock(place, runs):
    """Splice four entries into the lock of so many runs, a training and an evaluation each."""
    found = {each[1]: each[0] for each in ENTRY.finditer((ROOT / "dvc.lock").read_text())}
    names = [next(name for name in found if name.startswith(f"{kind}@")) for kind in KINDS]
    (place / ".dvc").mkdir(parents=True)
    texts = [
        found[name].replace(name, f"{name}-{index}", 1) for index in range(runs) for name in names
    ]
    (place / "dvc.lock").write_text(HEAD + "".join(texts))
    whole = YAML(typ="safe").load("".join(found[name] for name in names))
    batch = {f"{name}-{index}": whole[name] for index in (0, 1) for name in names}

    def as_dvc():
        with modify_yaml(str(place / "dvc.lock")) as content:
            content["stages"].update(batch)

    ours = min(seconds(lambda: splice(place, batch)) for _ in range(REPEATS))
    print(
        f"a batch at {runs} runs, {len(''.join(texts).splitlines())} lines: {ours:.3f}", flush=True
    )
    print(f"  as DVC writes it: {seconds(as_dvc):.2f}", flush=True)


def main():
    with tempfile.TemporaryDirectory(prefix="costs-") as folder:
        place = Path(folder)
        measure_clone(place)
        print(own_machine(), flush=True)
        for runs in RUNS:
            measure_lock(place / f"lock-{runs}", runs)


if __name__ == "__main__":
    main()
