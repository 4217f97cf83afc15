"""Which instances are out of date, as far as what is recorded tells, and what waits for what.

An instance is out of date by itself (`Instance.changed`), or because what it has read isn't what
the instances above it have written, by dvc.lock's entries. The second can only be known once those
are recorded: an instance below one that runs may turn out to be up to date.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from resnet_depth.commands.reproducing.agreement import folder_md5
from resnet_depth.commands.scheduling.tasks import Task

# The files of a folder that has a hash, by their paths in it; None where they aren't known.
Files = Callable[[str], Mapping[str, str] | None]


@dataclass(frozen=True)
class Instance:
    """A stage instance, and what of it doesn't depend on other instances.

    `upstream` are the instances that it reads from. `reads` has, by path, the outputs of those that
    lie at that path, below it or above it, each with its instance. `changed` says why it runs
    whatever it reads; it is empty if nothing is known yet. What is `alone` runs beside no other.
    """

    name: str
    upstream: tuple[str, ...] = ()
    reads: Mapping[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)
    changed: str = ""
    alone: bool = False


class Plan:
    """A target's instances in an order in which they can run, and dvc.lock's entries as they come.

    An entry is as in dvc.lock: `cmd`, `deps`, `params` and `outs`.
    """

    def __init__(
        self,
        instances: Iterable[Instance],
        entries: Mapping[str, Any],
        files_of: Files = lambda md5: None,  # noqa: ARG005
    ) -> None:
        """Keep the instances, each behind all that it reads from."""
        self.instances = {each.name: each for each in instances}
        self.entries = dict(entries)
        self._files_of = files_of
        self._writers = {
            path: writers
            for each in self.instances.values()
            for path, writers in each.reads.items()
        }
        self._ran: set[str] = set()

    def must_run(self, name: str) -> bool:
        """Return whether an instance is out of date, once all that it reads from is recorded."""
        instance = self.instances[name]
        if name in self._ran:
            return False
        if instance.changed or name not in self.entries:
            return True
        has_read = _hashes(self.entries[name], "deps")
        return any(has_read.get(path) != self._now(path) for path in instance.reads)

    def certain(self) -> list[str]:
        """Return the instances that are out of date now, whatever those above them will write."""
        return [name for name in self.instances if self.must_run(name)]

    def possible(self) -> list[str]:
        """Return the instances that are out of date, and all below them."""
        found = dict.fromkeys(self.certain())
        for name, instance in self.instances.items():
            if any(each in found for each in instance.upstream):
                found[name] = None
        return [name for name in self.instances if name in found]

    def below(self, name: str) -> list[str]:
        """Return the instances that read from one, directly or further down."""
        found = {name}
        for each, instance in self.instances.items():
            if found.intersection(instance.upstream):
                found.add(each)
        return [each for each in self.instances if each in found and each != name]

    def run_again(self, name: str, why: str) -> None:
        """Let an instance run, whatever is recorded of it."""
        self.instances[name] = replace(self.instances[name], changed=why)

    def task(self, name: str) -> Task:
        """Return an instance as a task, with the entries of all above it."""
        above: set[str] = set(self.instances[name].upstream)
        for each in reversed(self.instances):
            if each in above:
                above.update(self.instances[each].upstream)
        entries = {each: self.entries[each] for each in self.instances if each in above}
        return Task(name, entries, self.instances[name].alone)

    def record(self, name: str, entry: Mapping[str, Any]) -> None:
        """Take in the entry of an instance that has run."""
        self.entries[name] = entry
        self._ran.add(name)

    def _now(self, path: str) -> str | None:
        """Return the hash that a path has by the entries; None where it can't be known."""
        files: dict[str, str] = {}
        for name, out in self._writers[path]:
            md5 = _hashes(self.entries.get(name, {}), "outs").get(out)
            if md5 is None:
                return None
            if out == path:
                return md5
            if not md5.endswith(".dir"):
                files[out] = md5
                continue
            inner = self._files_of(md5)
            if inner is None:
                return None
            files |= {f"{out}/{each}": found for each, found in inner.items()}
        return files.get(path) or folder_md5(path, files)


def _hashes(entry: Mapping[str, Any], key: str) -> dict[str, str]:
    """Return the MD5 of each of an entry's `deps` or `outs`, by path."""
    return {each["path"]: each["md5"] for each in entry.get(key, [])}
