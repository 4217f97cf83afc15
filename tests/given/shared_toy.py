"""The study that takes no time, with a folder as DVC's remote, and clones in which it can run."""

import shutil
from functools import partial

from given.git import git
from given.toy_study import Toy

from resnet_depth.commands.scheduling.cloning.clone_folders import own_clone
from resnet_depth.commands.scheduling.cloning.clones import InClone
from resnet_depth.commands.scheduling.cloning.remote import remote_settings, send
from resnet_depth.commands.scheduling.tasks import Task

# A machine class, as `own_machine` writes it. To ask for the real one takes torch seconds.
MACHINE = (
    '{"architecture": "x", "instruction_sets": "y", "kernels": "K", "packages": {"torch": "2"}, '
    '"processor": "P", "python": "3.11", "system": "Linux", "variables": {}}'
)


class SharedToy(Toy):
    """A toy study in the folder `study` of a new folder, beside it `remote` and `clones`."""

    def __init__(self, place):
        super().__init__(place / "study")
        self.remote, self.clones = place / "remote", place / "clones"

    def prepare(self, depths=(18,), seeds=(0, 1)):
        """Make it, and record and send all that trainings read; return it."""
        self.make(depths, seeds)
        self.remote.mkdir()
        self.use_remote()
        self.dvc("repro", "prepare@toy")
        send(self.folder, ["prepare@toy"])
        return self

    def use_remote(self):
        local = f"[core]\n    remote = store\n['remote \"store\"']\n    url = {self.remote}\n"
        (self.folder / ".dvc" / "config.local").write_text(local, encoding="utf-8")

    def copy(self, place):
        """Return a copy of study and remote in a new folder."""
        twin = SharedToy(place)
        shutil.copytree(self.folder, twin.folder, symlinks=True)
        shutil.copytree(self.remote, twin.remote)
        twin.use_remote()
        return twin

    @property
    def head(self):
        return git(self.folder, "rev-parse", "HEAD")

    def runner(self, **options):
        """What runs tasks in clones of the study."""
        settings = remote_settings(self.folder)
        return InClone(str(self.folder), self.head, settings, home=self.clones, **options)

    def task(self, name):
        """An instance as a task, with all recorded entries."""
        return Task(name, self.entries(), alone=False)

    def first_clone(self):
        """The folder of the clone that the first worker uses, made if it isn't there."""
        settings = remote_settings(self.folder)
        with own_clone(self.clones, str(self.folder), self.head, settings, None) as folder:
            return folder

    def begun_in_clones(self):
        """What began in clones, in order within each."""
        logs = sorted(self.clones.glob("*/runs.log"))
        lines = [line for log in logs for line in log.read_text(encoding="utf-8").splitlines()]
        return [line.split()[1] for line in lines if line.startswith("begin")]

    def lose_remote(self):
        """Let the remote be unusable; return what brings it back."""
        aside = self.remote.rename(self.remote.with_name("aside"))
        self.remote.write_text("no folder", encoding="utf-8")
        return partial(self._find_remote, aside)

    def _find_remote(self, aside):
        self.remote.unlink()
        aside.rename(self.remote)
