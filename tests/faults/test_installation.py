"""`make` and .venv: when it is installed anew, what that can cost, and that it can be cut off.

The Makefile is the project's own, and so are sh, pip and venv; the lock names small packages, which
pip finds in a folder.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from given.small_wheels import write_wheel

ROOT = Path(__file__).parents[2]
# Stands in for all that makes a study, once the environment is there.
TARGET = "\nready: .venv/installed\n\t@echo ready\n"
LOCK = "first==1.0\ntorch==2.0\ntorchvision==3.0\n"
FOR_CUDA = 'nvidia-small==1.0 ; platform_system == "Linux"\ntriton==1.0\n'


class Project:
    """A folder with the Makefile, a lock and, beside it, the packages that pip can find."""

    def __init__(self, folder):
        self.folder, self.packages = folder / "a project", folder / "packages"

    def lock(self, text):
        (self.folder / "requirements.lock").write_text(text)

    def make(self, *arguments):
        """Run `make`; return what it ended with and all that it said."""
        ours = ("MAKE", "PIP_", "TORCH")
        own = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
        # No file of settings that this machine may have.
        own |= {"PIP_CONFIG_FILE": os.devnull, "PIP_NO_INDEX": "1"}
        own |= {"PIP_FIND_LINKS": str(self.packages)}
        command = ["make", "ready", *arguments]
        output = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
        return subprocess.run(
            command, cwd=self.folder, env=own, text=True, check=False, timeout=600, **output
        )

    @property
    def site_packages(self):
        return next((self.folder / ".venv" / "lib").glob("python*/site-packages"))

    def installed(self):
        """The versions of the packages that .venv has, pip's own aside."""
        names = [path.name.split("-") for path in self.site_packages.glob("*.dist-info")]
        versions = {name: rest[0].removesuffix(".dist") for name, *rest in names}
        return {name: versions[name] for name in versions.keys() - {"pip", "setuptools"}}


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A project whose environment was installed by TORCH unset; copy it."""
    project = Project(tmp_path_factory.mktemp("installation"))
    project.folder.mkdir()
    shutil.copy(ROOT / "environment.sh", project.folder)
    (project.folder / "Makefile").write_text((ROOT / "Makefile").read_text() + TARGET)
    for name, version in (
        *(("first", "1.0"), ("first", "2.0"), ("torch", "2.0"), ("torch", "2.0+cpu")),
        *(("torchvision", "3.0"), ("torchvision", "3.0+cpu")),
        *(("nvidia_small", "1.0"), ("triton", "1.0")),
    ):
        if "+cpu" not in version:
            write_wheel(project.packages, name, version)
        write_wheel(project.packages.with_name("packages-for-cpu"), name, version)
    project.lock(LOCK + FOR_CUDA)
    project.said = project.make()
    return project


@pytest.fixture
def project(whole, tmp_path):
    shutil.copytree(whole.folder.parent, tmp_path / "copy", symlinks=True)
    return Project(tmp_path / "copy")


def test_the_first_call_says_how_much_comes_and_shows_what_pip_does(whole):
    assert whole.said.returncode == 0, whole.said.stdout
    lines = whole.said.stdout.splitlines()
    assert lines[0].startswith("Making .venv with Python 3.")
    assert lines[1].startswith("Installing what .venv lacks of requirements.lock")
    assert lines[1].endswith("all of which takes about 6 GB")
    assert any(line.startswith("Processing ") for line in lines)
    assert lines[-1] == "ready"
    every = {"first": "1.0", "torch": "2.0", "torchvision": "3.0"}
    assert whole.installed() == every | {"nvidia_small": "1.0", "triton": "1.0"}


def test_a_lock_that_is_only_newer_changes_nothing(project):
    (project.folder / "requirements.lock").touch()
    os.utime(project.folder / ".venv" / "installed", (0, 0))

    assert project.make().stdout == "ready\n"


def test_a_lock_of_another_content_is_installed_into_what_is_there(project):
    mine = project.site_packages / "mine.py"
    mine.touch()
    project.lock(LOCK.replace("first==1.0", "first==2.0") + FOR_CUDA)

    said = project.make()

    assert said.returncode == 0, said.stdout
    assert project.installed()["first"] == "2.0"
    assert mine.exists()
    assert project.make().stdout == "ready\n"


def test_what_cannot_be_downloaded_leaves_the_environment_as_it_was(project):
    before = project.installed()
    project.lock(LOCK.replace("first==1.0", "first==2.0") + "absent==1.0\n")

    said = project.make()

    assert said.returncode != 0
    assert "No matching distribution found for absent==1.0" in said.stdout
    assert "pip couldn't install requirements.lock, as it says above; .venv keeps" in said.stdout
    assert project.installed() == before
    # With the lock of before, nothing has to be found.
    project.lock(LOCK + FOR_CUDA)
    shutil.rmtree(project.packages)
    assert project.make().stdout.endswith("ready\n")


def test_an_environment_that_the_user_made_is_kept_and_needs_no_download(project):
    (project.folder / ".venv" / "installed").unlink()
    (project.site_packages / "mine.py").touch()
    shutil.rmtree(project.packages)

    said = project.make()

    assert said.returncode == 0, said.stdout
    assert "Making .venv" not in said.stdout
    assert (project.site_packages / "mine.py").exists()


def test_an_environment_of_an_older_python_is_named_and_left_alone(project):
    (project.folder / ".venv" / "installed").unlink()
    python = project.folder / ".venv" / "bin" / "python"
    python.unlink()
    python.write_text("#!/bin/sh\nexit 1\n")
    python.chmod(0o755)

    said = project.make()

    assert said.returncode != 0
    assert said.stdout.startswith(".venv has no Python 3.11 or newer that starts; rename or remove")
    assert python.exists()


def test_an_installation_that_was_cut_off_is_completed(project):
    installed = project.folder / ".venv" / "installed"
    installed.rename(installed.with_name("installing"))
    # As pip leaves a package that it was at: files here and there, and nobody named as installer.
    (project.site_packages / "first.py").unlink()
    (project.site_packages / "first-1.0.dist-info" / "INSTALLER").unlink()

    said = project.make()

    assert said.returncode == 0, said.stdout
    assert (project.site_packages / "first.py").exists()
    assert not installed.with_name("installing").exists()


def test_an_environment_whose_making_was_cut_off_is_made_anew(project):
    shutil.rmtree(project.folder / ".venv" / "bin")
    (project.folder / ".venv" / "unmade").touch()
    (project.folder / ".venv" / "installed").unlink()

    said = project.make()

    assert said.returncode == 0, said.stdout
    assert said.stdout.startswith("Making .venv with Python")


def test_without_a_python_it_is_said_which_were_tried(project):
    shutil.rmtree(project.folder / ".venv")

    said = project.make("PYTHONS=python3.1 python2")

    assert said.returncode != 0
    assert said.stdout.startswith(
        "No Python 3.11 or newer found (tried python3.1 python2); install"
    )
    assert not (project.folder / ".venv").exists()


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there is nothing for CUDA")
def test_builds_for_the_cpu_come_without_what_cuda_needs_and_stay(project):
    project.packages = project.packages.with_name("packages-for-cpu")

    said = project.make("TORCH=cpu")

    assert said.returncode == 0, said.stdout
    assert "all of which takes about 1.6 GB" in said.stdout
    for_cpu = {"first": "1.0", "torch": "2.0+cpu", "torchvision": "3.0+cpu"}
    assert project.installed() == for_cpu
    # Not named again, also with another lock.
    assert project.make().stdout == "ready\n"
    project.lock(LOCK.replace("first==1.0", "first==2.0") + FOR_CUDA)
    assert project.make().returncode == 0
    assert project.installed() == for_cpu | {"first": "2.0"}


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there is nothing for CUDA")
def test_where_pip_finds_no_build_for_the_cpu_the_index_to_name_is_told(project):
    before = project.installed()

    said = project.make("TORCH=cpu")

    assert said.returncode != 0
    assert "an index of such builds that PIP_EXTRA_INDEX_URL names" in said.stdout
    assert project.installed() == before


def test_another_word_for_torch_is_refused_before_anything_is_done(project):
    said = project.make("TORCH=gpu")

    assert said.returncode != 0
    assert said.stdout.startswith("TORCH=gpu: allowed: cpu, for builds without CUDA;")
