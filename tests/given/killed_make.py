"""Kill `make run` in each of its phases, start it again at once, and see what it ends with.

    PYTHONPATH=src:tests python tests/given/killed_make.py --kills 50

A round begins with nothing made. `make run` is killed in its first phase (what comes before any
stage), the next `make run` in its next, and so on, a kill a phase: by SIGKILL, SIGTERM or SIGINT,
of the whole group, as Ctrl-C does it, or of one process of it. The last run is left alone. It must
end with the hashes of a run that nobody disturbed, and leave nothing that no run left. With
`--full` it is the digits study as it is committed, else a small one on the same images.
"""

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import psutil
from given.tiny_study import Study, copy_repository, shrink
from given.waiting import PATIENCE

from resnet_depth.commands.reproducing.compare import compare_hashes
from resnet_depth.commands.reproducing.lock import deterministic_outputs, stages_of

BEGIN = "before any stage"
RUNNING = "Running stage '"
VICTIMS = ("all", "make", "dvc", "stage")
KILLS = [
    (signal.SIGINT, "all"),
    *((number, victim) for number in (signal.SIGKILL, signal.SIGTERM) for victim in VICTIMS),
]
RESULTS = ("data", "models", "metrics", "plots", ".checkpoints", ".downloads")


@dataclass(frozen=True)
class Kill:
    """What was done to a run: in which phase, how long after it began, which signal to whom."""

    phase: str
    seconds: float
    signal: str
    victim: str


def make_digits_study(folder, *, full=False):
    """Return a study that `make run` makes: the committed one, or one of a network and an epoch."""
    study = Study(folder / "a study", folder)
    copy_repository(study.folder)
    if not full:
        study.edit_params(_small)
    study.git("init", "--quiet", "--initial-branch=main")
    (study.folder / ".git" / "info" / "exclude").write_text(".venv\n", encoding="utf-8")
    (study.folder / ".venv").symlink_to(sys.prefix)
    study.commit("The study")
    return study


def _small(params):
    shrink(params)
    del params["datasets"]["tiny"]
    params["study"].update(datasets=["digits"], depths=[18])
    params["recipes"]["reference"].update(epochs=2, batch_size=32, train_fraction=0.2)
    params["prune"].update(depths=[18])


class Making:
    """A `make run` at work, as from a terminal of its own; what it says goes to a file."""

    def __init__(self, study):
        own = {name: value for name, value in study.environment().items() if name[:4] != "MAKE"}
        self._said = study.folder.parent / "said.txt"
        with self._said.open("w") as file:
            self.process = subprocess.Popen(
                ["make", "run"],
                cwd=study.folder,
                env=own,
                stdout=file,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                # What starts this may ignore Ctrl-C, as a shell's background does.
                preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509
            )

    @property
    def said(self):
        return self._said.read_text(encoding="utf-8", errors="replace")

    @property
    def phase(self):
        """The stage that runs, or the one before."""
        return self.said.rpartition(RUNNING)[2].split("'")[0] if RUNNING in self.said else BEGIN


def run(study):
    """Run it undisturbed; return its status, how long each phase lasted and what it said."""
    making, lasted = Making(study), {}
    began, phase = time.monotonic(), BEGIN
    while making.process.poll() is None:
        time.sleep(0.05)
        if (now := making.phase) != phase:
            lasted[phase] = time.monotonic() - began
            began, phase = time.monotonic(), now
    lasted[phase] = time.monotonic() - began
    return making.process.returncode, lasted, making.said


def run_killed(study, kill):
    """Run it until a kill; return the phase that this ended, if it did, and what was said."""
    making = Making(study)
    while making.phase != kill.phase and making.process.poll() is None:
        time.sleep(0.05)
    with suppress(subprocess.TimeoutExpired):
        making.process.wait(kill.seconds)
    if making.process.poll() is None:
        _kill(making.process, kill)
    # The one after that which was meant, maybe. To who has just done his work a kill is nothing.
    phase = making.phase
    return phase if making.process.wait() else None, making.said


def _kill(process, kill):
    number = signal.Signals[kill.signal]
    if kill.victim == "all":
        os.killpg(process.pid, number)
        return
    family = [psutil.Process(process.pid), *psutil.Process(process.pid).children(recursive=True)]
    for each in reversed(family):
        try:
            words = " ".join(each.cmdline())
        except psutil.Error:
            continue
        is_victim = {
            "make": each.pid == process.pid,
            "dvc": " dvc --root " in words,
            "stage": "python stages/" in words and each.name() != "make",
        }
        if is_victim[kill.victim]:
            each.send_signal(number)
            return
    # Not there yet, or no longer.
    process.send_signal(number)


def alive(study):
    """The command lines of processes that are at work in a study's folder."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.status() != psutil.STATUS_ZOMBIE and Path(process.cwd()).is_relative_to(
                study.folder
            ):
                found.append(" ".join(process.cmdline()))
        except psutil.Error:
            continue
    return found


def leftovers(study):
    """What a run that has ended leaves to nobody: processes, parts of files, locks that name it."""
    # A stage whose DVC is gone ends after the step that it is at, or when it has done its work.
    end = time.monotonic() + 2 * PATIENCE
    while (processes := alive(study)) and time.monotonic() < end:
        time.sleep(0.2)
    found = [f"process: {words}" for words in processes]
    for folder in RESULTS:
        for pattern in ("*.tmp", "state.json", "*.part"):
            found += [str(path) for path in (study.folder / folder).rglob(pattern)]
    rwlock = study.folder / ".dvc" / "tmp" / "rwlock"
    held = json.loads(rwlock.read_text(encoding="utf-8")) if rwlock.exists() else {}
    return found + [f"rwlock: {path}" for each in held.values() for path in each]


def made(study):
    """The hashes of what the study has made, but for what a clock gave."""
    return deterministic_outputs(stages_of(study.folder / "dvc.lock", "digits"))


def plan(lasted, draw):
    """Return a kill a phase, at any moment of it, or of what DVC does behind it."""
    kills = []
    for phase, seconds in lasted.items():
        number, victim = draw.choice(KILLS)
        moment = draw.uniform(0, 1.1 * seconds)
        kills.append(Kill(phase, moment, number.name, victim))
    return kills


def run_round(fresh, folder, lasted, expected, draw, say=print):
    """Kill once in each phase; return the kills that hit, and what is wrong in the end."""
    study, hits, wrong = fresh.copy(folder), [], []
    for kill in plan(lasted, draw):
        phase, said = run_killed(study, kill)
        if phase:
            hits.append(replace(kill, phase=phase))
        if phase and "Traceback" in said:
            wrong.append(f"{kill}: {said}")
        what = f"{kill.signal} to {kill.victim} in {phase}" if phase else "had passed it"
        say(f"{kill.phase:32} {kill.seconds:6.1f} s  {what}")
    status, _, said = run(study)
    if status:
        wrong.append(said)
    found = made(study)
    wrong += compare_hashes(expected, found, where="undisturbed").differences
    wrong += leftovers(study)
    say("equal" if not wrong else "\n".join(["DIFFERENT", *wrong]))
    return hits, wrong


def table(hits):
    """Return how often each phase was hit by each signal."""
    counts = Counter((kill.phase.split("@")[0], kill.signal) for kill in hits)
    phases = list(dict.fromkeys(phase for phase, _ in counts))
    names = ("SIGKILL", "SIGTERM", "SIGINT")
    rows = [f"{phase:20}" + "".join(f"{counts[phase, n]:>9}" for n in names) for phase in phases]
    return "\n".join([f"{'phase':20}" + "".join(f"{name:>9}" for name in names), *rows])


def run_rounds(place, kills, seed, *, full=False, say=print):
    """Run rounds until so many kills hit, each phase twice; return the kills and all faults."""
    fresh = make_digits_study(place / "fresh", full=full)
    whole = fresh.copy(place / "whole")
    status, lasted, said = run(whole)
    assert status == 0, said
    expected = made(whole)
    draw, hits, wrong, counts = random.Random(seed), [], [], Counter()
    while not wrong and (len(hits) < kills or min(counts[phase] for phase in lasted) < 2):
        with tempfile.TemporaryDirectory(dir=place) as folder:
            more_hits, more_wrong = run_round(fresh, Path(folder), lasted, expected, draw, say)
        hits += more_hits
        wrong += more_wrong
        counts.update(kill.phase for kill in more_hits)
    return hits, wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--full", action="store_true", help="the digits study as committed")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="kills-") as place:
        hits, wrong = run_rounds(Path(place), options.kills, options.seed, full=options.full)
    print(table(hits))
    print(f"{len(hits)} kills, {len(wrong)} faults")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
