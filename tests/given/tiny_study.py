"""A whole study small enough for a test: the repository itself, on a folder of 36 real images.

The images are scikit-learn's digits 0, 1 and 2, written as PNG files. Everything else is real: DVC,
git, the stages, the networks. The fixtures `finished` and `one_depth` are such studies, run.
"""

import io
import os
import shutil
import subprocess
import sys
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from given.chain import OURS
from given.git import IDENTITY
from given.warm_python import warm_python
from PIL import Image
from ruamel.yaml import YAML
from sklearn.datasets import load_digits

from resnet_depth.data.download.image_folders import content_digest, spool_images

ROOT = Path(__file__).parents[2]
# Python runs a module of this name first. A file is recorded before it is opened.
RECORDER = """
import os, sys

def record(event, arguments):
    path = str(arguments[0]) if event == "open" else ""
    if "/data/" in "/" + path:
        line = f"{{os.path.basename(sys.argv[0])}} {{path}}\\n"
        log = os.open({log!r}, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        os.write(log, line.encode())
        os.close(log)

sys.addaudithook(record)
"""


@dataclass(frozen=True)
class Study:
    """A copy of the repository with a small study in it."""

    folder: Path
    images: Path
    said: str = ""  # By the command that made it.

    def run(self, *command, check=True, warm=True, **environment):
        """Run a command in the study, as in the project's environment; return what it said.

        Every `python` that it starts is a fork where `warm` is set; see given/warm_python.py.
        """
        own = self.environment()
        if warm:
            own["PATH"] = f"{warm_python()}{os.pathsep}{own['PATH']}"
        done = subprocess.run(
            command,
            cwd=self.folder,
            env=own | environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert not check or done.returncode == 0, done.stdout
        return done.stdout

    def environment(self):
        """The environment variables of a command in the study."""
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        own = {"PATH": path, "TINY_SOURCE": str(self.images), "COLUMNS": "120"}
        return os.environ | IDENTITY | own

    def dvc(self, *arguments, **options):
        return self.run("python", "-m", "dvc", *arguments, **options)

    def dvc_as_make(self, *arguments):
        """Call DVC as every target of the Makefile does."""
        return self.run("python", "-m", *OURS, *arguments, PYTHONPATH="src")

    def git(self, *arguments):
        return self.run("git", *arguments)

    def tidy(self):
        """Do what `make tidy` does; return what it said."""
        tidy = ("python", "-m", "resnet_depth.commands.reproducing", "tidy", "--root", ".")
        return self.run(*tidy, PYTHONPATH="src")

    def copy(self, folder):
        """Return a copy in a new folder; networks it shares, as hard links.

        Half a gigabyte, else. Stages and DVC replace such a file, and so must a test.
        """
        shutil.copytree(self.folder, folder / "a copy", symlinks=True, copy_function=copy_or_share)
        return Study(folder / "a copy", self.images)

    def commit(self, message):
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", message)

    def edit_params(self, edit):
        edit_yaml(self.folder / "params.yaml", edit)

    def stages_run(self, output):
        """The stage instances that a `dvc repro` said it ran."""
        words = "Running stage '"
        return {line.split(words)[1].split("'")[0] for line in output.splitlines() if words in line}

    def opened(self):
        """The files of data/ that each stage has opened, by the stage's name."""
        files = defaultdict(set)
        for line in (self.folder.parent / "opened.txt").read_text(encoding="utf-8").splitlines():
            script, path = line.split(" ", 1)
            files[script.removesuffix(".py")].add(path)
        return files

    def lock(self):
        text = (self.folder / "dvc.lock").read_text(encoding="utf-8")
        return YAML(typ="safe").load(text)["stages"]


def copy_or_share(source, target):
    """Copy a file, or link it where it is so large that it holds a network."""
    # A checkpoint is the one such file that is written over.
    if Path(source).stat().st_size > 1_000_000 and ".checkpoints" not in Path(source).parts:
        os.link(source, target)
    else:
        shutil.copy2(source, target)


def edit_yaml(path, edit):
    yaml = YAML()
    yaml.width = 4096
    content = yaml.load(path.read_text(encoding="utf-8"))
    edit(content)
    with path.open("w", encoding="utf-8") as file:
        yaml.dump(content, file)


def write_images(folder):
    """Write 8 training and 4 test images of each of three classes."""
    digits = load_digits()
    for label in range(3):
        members = digits.images[digits.target == label][:12]
        for index, image in enumerate(members):
            part = "train" if index < 8 else "test"
            path = folder / part / f"digit{label}" / f"{index}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray((image * 15).astype("uint8")).convert("RGB").save(path)


def copy_repository(folder):
    """Copy what git tracks, or would, of this repository as it is now, without results."""
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listed, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    results = ("metrics/", "plots/", "docs/", "dvc.lock")
    for name in names.split("\0"):
        if name and not name.startswith(results) and (ROOT / name).is_file():
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target)


def record_opened(study):
    """Make every stage write down the files of data/ that it opens, for `Study.opened`."""
    hook = study.folder.parent / "recorder" / "sitecustomize.py"
    hook.parent.mkdir()
    log = str(study.folder.parent / "opened.txt")
    hook.write_text(RECORDER.format(log=log), encoding="utf-8")
    graph = study.folder / "dvc.yaml"
    text = graph.read_text(encoding="utf-8")
    path = f"PYTHONPATH='src{os.pathsep}{hook.parent}'"
    graph.write_text(text.replace("PYTHONPATH=src", path, 1), encoding="utf-8")


def shrink(params):
    """Change the settings to two depths and one seed on the tiny images, one epoch each."""
    params["study"].update(datasets=["tiny"], depths=[18, 34], seeds=[0])
    params["datasets"]["tiny"] = {
        "kind": "image_folder",
        "title": "Tiny digits",
        "digest": None,
        "lossy": False,
        "source": "scikit-learn's load_digits, written as PNG",
        "citation": "none",
        "epochs_factor": 1,
    }
    params["prepare"]["validation_fraction"] = 0.25
    # DVC parses the file twice a stage.
    for name in params["recipes"].keys() - {"reference"}:
        del params["recipes"][name]
    # One thread: two that wait for each other are slow where something else runs as well.
    params["recipes"]["reference"].update(epochs=1, batch_size=6)
    params["train"].update(device="cpu", threads=1)
    params["evaluate"].update(device="cpu", threads=1)
    params["export"].update(threads=1, calibration_images=8)
    params["latency"].update(device="cpu", threads=1, sessions=2, pause=0)
    params["prune"].update(
        inner={"l2": [0.5], "random": []}, groups={"l2": [], "random": []}, weights=[]
    )
    params["report"].update(png_dpi=50)
    for timing in ("single", "batched"):
        params["latency"][timing].update(batch_size=2, warmup=0, repeats=2)


def make_study(folder):
    """Make the study, with its images beside it, as a git repository with one commit."""
    study = Study(folder / "a study", folder / "images")
    study.folder.mkdir(parents=True)
    copy_repository(study.folder)
    write_images(study.images)
    study.edit_params(shrink)
    digest = content_digest(spool_images(study.images, io.BytesIO(), "tiny"))
    study.edit_params(lambda params: params["datasets"]["tiny"].update(digest=digest))
    record_opened(study)
    study.git("init", "--quiet", "--initial-branch=main")
    study.commit("The study")
    return study
