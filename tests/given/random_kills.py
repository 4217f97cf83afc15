"""Kill a training under real DVC at random moments, and compare what it ends with.

    PYTHONPATH=src:tests python tests/given/random_kills.py --kills 20

Each time the run starts from nothing, is killed once (DVC alone, the stage alone, or both) at a
random moment from its start to a little after its end, is started again at once, and must end with
the bytes of a run that nobody disturbed: weights, curves, record, and the evaluation's metrics.
"""

import argparse
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import psutil
from given.tiny_study import make_study

TARGET = "evaluate@tiny-reference-18-0"
RESULTS = ("models/tiny/reference/resnet18-seed0", "data/evaluations/tiny/reference/resnet18-seed0")


def start(study, target, output=subprocess.PIPE):
    """Start a target by DVC, in the background, as from a terminal of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "dvc", "repro", "--no-run-cache", target],
        cwd=study.folder,
        env=study.environment(),
        stdout=output,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def lengthen(study, epochs):
    """Let the study be one network that trains for so many epochs."""

    def edit(params):
        params["study"].update(depths=[18])
        params["recipes"]["reference"].update(epochs=epochs)

    study.edit_params(edit)


def folder_bytes(folder):
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def results(study):
    """The bytes of all that the run wrote, by folder and file."""
    return {folder: folder_bytes(study.folder / folder) for folder in RESULTS}


def forget(study):
    """Remove the run's results and checkpoints, and DVC's record of it."""
    for folder in (*RESULTS, ".checkpoints", "data/durations/tiny"):
        shutil.rmtree(study.folder / folder, ignore_errors=True)
    study.git("checkout", "--quiet", "dvc.lock")
    # Else a lock that is cut off gets back what is forgotten.
    for kept in (study.folder / ".dvc" / "tmp").glob("kept-*.lock"):
        kept.unlink()


def kill(process, victim):
    """Send SIGKILL to DVC, to the stage that it runs, or to both; return who was hit."""
    if victim == "both":
        os.killpg(process.pid, signal.SIGKILL)
    elif victim == "dvc":
        process.kill()
    else:
        children = psutil.Process(process.pid).children(recursive=True)
        stages = [child for child in children if "stages/" in " ".join(child.cmdline())]
        if not stages:
            return kill(process, "dvc")
        for stage in stages:
            stage.kill()
    process.wait()  # Else DVC takes it for alive.
    return victim


@dataclass(frozen=True)
class Undisturbed:
    """A run that nobody killed: how long it took, and the bytes of what it wrote."""

    seconds: float
    results: dict


def run_undisturbed(study):
    study.commit("The run")
    began = time.monotonic()
    study.dvc("repro", "--no-run-cache", TARGET, warm=False)
    return Undisturbed(time.monotonic() - began, results(study))


def kill_at_random(study, undisturbed, kills, seed, say=print):
    """Kill the run so many times; return how many times its results differed."""
    draw, different = random.Random(seed), 0
    lasts = undisturbed.seconds
    for number in range(1, kills + 1):
        forget(study)
        moment, victim = draw.uniform(0, 1.05 * lasts), draw.choice(["dvc", "stage", "both"])
        process = start(study, TARGET, subprocess.DEVNULL)
        time.sleep(moment)
        victim = kill(process, victim) if process.poll() is None else "nobody (it had ended)"
        # DVC writes dvc.lock and its list of readers in place: killed then it leaves a part of one,
        # which the project mends before it calls DVC.
        study.dvc_as_make("repro", "--no-run-cache", TARGET)
        equal = results(study) == undisturbed.results
        different += not equal
        verdict = "equal" if equal else "DIFFERENT"
        say(f"{number:2}: killed {victim} after {moment:.1f} s of {lasts:.1f}: {verdict}")
    return different


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--epochs", type=int, default=60)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="kills-") as folder:
        study = make_study(Path(folder))
        lengthen(study, options.epochs)
        study.dvc("repro", "prepare@tiny")
        undisturbed = run_undisturbed(study)
        different = kill_at_random(study, undisturbed, options.kills, options.seed)
    print(f"{options.kills - different} of {options.kills} ended with equal bytes")
    sys.exit(different > 0)


if __name__ == "__main__":
    main()
