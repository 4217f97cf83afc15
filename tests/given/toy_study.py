"""A study that takes no time: stages of the shell in the form of the real ones, under real DVC.

Each writes the checksum of its settings and of what it reads, and tells runs.log when it begins and
ends. With a file fail/<instance> it fails; while there is hold/<instance> it stays at work, unless
its DVC is gone.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from given.git import IDENTITY, git
from given.tiny_study import edit_yaml
from given.waiting import until
from ruamel.yaml import YAML

ROOT = Path(__file__).parents[2]
# A section of the settings is its line and the next one, the only key.
WORK = """\
section=$1 out=$2; shift 2
echo "begin $DVC_STAGE" >> runs.log
while [ -e "hold/$DVC_STAGE" ]; do kill -0 $PPID || exit 4; sleep 0.05; done
if [ -e "fail/$DVC_STAGE" ]; then echo "no good" >&2; exit 3; fi
mkdir -p "$(dirname "$out")"
{ sed -n "/^ *$section:/,/:/p" params.yaml; find "$@" -type f | sort | xargs cat; } | cksum > "$out"
echo "end $DVC_STAGE" >> runs.log
"""
AXES = {"dataset": "datasets", "recipe": "recipes", "depth": "depths", "seed": "seeds"}
RECIPE = "toy/${item.recipe}"
DEPTH = f"{RECIPE}/resnet${{item.depth}}"
RUN, FIRST = f"{DEPTH}-seed${{item.seed}}", f"{DEPTH}-seed${{study.seeds[0]}}"
# As the main module of a process, with the study's folder as the current one. How many cores there
# are, it doesn't ask.
PROGRAM = """
from pathlib import Path
from typing import Annotated
from resnet_depth.base import cli
from resnet_depth.commands.scheduling.__main__ import Dry, Jobs, KeepGoing
from resnet_depth.commands.scheduling.run import run_here

Target = Annotated[str, cli.option("--target", "What is to be made.")]

def run(
    jobs: Jobs, keep_going: KeepGoing = False, dry: Dry = False, target: Target = "report@toy"
) -> None:
    run_here(Path(), target, jobs, keep_going=keep_going, dry=dry)

cli.run(run)
"""


def stage(name, axes, section, reads, out, file="", cache=True, **more):
    """A stage of some axes that reads a section and paths, and writes `file` in `out`."""
    code = f"code/{name}.sh"
    return {
        "matrix": {axis: f"${{study.{AXES[axis]}}}" for axis in axes},
        "cmd": f"sh {code} {section} {out}{file} {' '.join(reads)}",
        "deps": [*reads, code],
        "params": ["recipes.${item.recipe}" if "recipe" in section else section],
        "outs": [out if cache else {out: {"cache": False}}],
        **more,
    }


def graph():
    settings = stage("settings", (), "study", ["code/settings.sh"], "data/settings.ok")
    del settings["matrix"]
    # Its outcome depends on nothing.
    settings |= {"params": [{"params.yaml": None}], "deps": ["code/settings.sh"]}
    settings["cmd"] = "sh code/settings.sh none data/settings.ok code/settings.sh"
    recipe, whole = "${item.recipe}", ("dataset", "recipe", "depth", "seed")
    return {
        "settings": settings,
        "prepare": stage(
            *("prepare", ("dataset",), "prepare", ["data/settings.ok"], "data/prepared/toy.txt")
        ),
        "train": stage(
            *("train", whole, recipe, ["data/prepared/toy.txt"], f"models/{RUN}", "/net.txt")
        ),
        "evaluate": stage(
            "evaluate", whole, "evaluate", [f"models/{RUN}"], f"data/evaluations/{RUN}.txt"
        ),
        "latency": stage(
            *("latency", whole[:3], "latency", [f"models/{FIRST}"], f"data/latency/{DEPTH}.txt"),
            meta={"alone": True},
        ),
        "summarize": stage(
            *("summarize", whole[:1], "study", ["models/toy", "data/evaluations/toy"]),
            "metrics/toy.txt",
            cache=False,
        ),
        "report": stage(
            "report", whole[:1], "report", ["metrics/toy.txt", "data/latency/toy"], "plots/toy.txt"
        ),
    }


class Toy:
    """The study in a folder that is a repository of git and DVC.

    It has 4 + depths × (1 + 2 × seeds) instances, its target being report@toy.
    """

    def __init__(self, folder):
        self.folder = folder

    def make(self, depths=(18, 34), seeds=(0, 1)):
        """Write the study and commit it; return it."""
        self.folder.mkdir(parents=True)
        git(self.folder, "init", "--quiet")
        self.run("-m", "dvc", "init", "--quiet")
        shutil.copy(ROOT / ".dvc" / "config", self.folder / ".dvc" / "config")
        study = {"datasets": ["toy"], "recipes": ["plain"], "depths": depths, "seeds": seeds}
        settings = {
            "study": {name: list(members) for name, members in study.items()},
            "recipes": {"plain": {"lr": 1}},
            "prepare": {"seed": 0},
            **{name: {"value": 0} for name in ("evaluate", "latency", "report")},
        }
        stages = graph()
        self.write("dvc.yaml", {"stages": stages})
        self.write("params.yaml", settings)
        (self.folder / "code").mkdir()
        for name in stages:
            (self.folder / "code" / f"{name}.sh").write_text(WORK, encoding="utf-8")
        made = ("data", "models", "plots/toy.txt", "runs.log", "hold", "fail", ".logs")
        text = "".join(f"/{name}\n" for name in made)
        (self.folder / ".gitignore").write_text(text, encoding="utf-8")
        self.commit("The study")
        return self

    def write(self, name, content):
        with (self.folder / name).open("w", encoding="utf-8") as file:
            YAML().dump(content, file)

    def edit_params(self, edit):
        edit_yaml(self.folder / "params.yaml", edit)

    def commit(self, message):
        git(self.folder, "add", "--all")
        git(self.folder, "commit", "--quiet", "--message", message)

    def copy(self, folder):
        shutil.copytree(self.folder, folder, symlinks=True)
        return Toy(folder)

    def mark(self, kind, name, there=True):
        """Let an instance be held or fail, from now on or no longer."""
        path = self.folder / kind / name
        if there:
            path.parent.mkdir(exist_ok=True)
            path.touch()
        else:
            path.unlink()

    def dvc(self, *arguments, check=True):
        return self.run("-m", "dvc", *arguments, check=check).stdout

    def coordinate(self, *options, jobs=4, check=True):
        """Run the study as `make study JOBS=` does; return the process that has ended."""
        return self.run("-c", PROGRAM, "--jobs", str(jobs), *options, check=check)

    def start(self, *options, jobs=4):
        """Begin to do the same, in a group of processes of its own; return the process."""
        return self.begin("-c", PROGRAM, "--jobs", str(jobs), *options)

    def begin(self, *command):
        """Begin what Python is given, in a group of processes of its own; return the process."""
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "start_new_session": True}
        return subprocess.Popen([sys.executable, *command], **self._place(), **pipes)

    def run(self, *command, check=True):
        done = subprocess.run(
            [sys.executable, *command], **self._place(), capture_output=True, check=False
        )
        assert not check or done.returncode == 0, done.stdout + done.stderr
        return done

    def ran(self):
        """What began and ended, as pairs such as ("begin", "settings"), in that order."""
        path = self.folder / "runs.log"
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        return [tuple(line.split()) for line in lines]

    def ended(self):
        return sorted(name for what, name in self.ran() if what == "end")

    def forget_runs(self):
        (self.folder / "runs.log").unlink(missing_ok=True)

    def wait_for(self, *names):
        """Wait until some instances have begun."""
        until(lambda: {("begin", name) for name in names} <= set(self.ran()), self.ran)

    def entries(self):
        text = (self.folder / "dvc.lock").read_text(encoding="utf-8")
        return YAML(typ="safe").load(text)["stages"]

    def sorted_lock(self):
        """The text of dvc.lock, with its entries in the order of their names."""
        head, *parts = (self.folder / "dvc.lock").read_text(encoding="utf-8").split("\n  ")
        # An entry's own lines are indented further.
        entries = []
        for part in parts:
            if part.startswith(" ") or part.startswith("-"):
                entries[-1] += f"\n  {part}"
            else:
                entries.append(part)
        return "\n  ".join([head, *sorted(each.rstrip("\n") for each in entries)])

    def _place(self):
        environment = os.environ | IDENTITY | {"PYTHONPATH": str(ROOT / "src"), "COLUMNS": "200"}
        return {"cwd": self.folder, "env": environment, "text": True}
