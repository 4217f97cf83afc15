"""Checking that a study, run again from a clean clone, gives what is committed."""

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from resnet_depth.comparison import (
    compare_hashes,
    compare_results,
    deterministic_outputs,
    read_results,
)
from resnet_depth.errors import UserError

UP_TO_DATE = "Data and pipelines are up to date."


class Clone:
    """A clean clone of a repository's HEAD, in which the study is run."""

    def __init__(
        self, source: Path, folder: Path, environment: Mapping[str, str] | None = None
    ) -> None:
        """Clone.

        Args:
            source: The repository.
            folder: Where to put the clone; made here.
            environment: Variables for DVC's commands, beside this process's own.

        Raises:
            UserError: If `source` is no git repository with a commit.
        """
        self.folder = folder
        self._environment = dict(environment or {})
        command = ["git", "clone", "--quiet", "--no-local", str(source), str(folder)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise UserError(f"{source}: can't be cloned: {done.stderr.strip()}")

    def dvc(self, *arguments: str, check: bool = True) -> str:
        """Run DVC in the clone, showing its output; return what it wrote to stdout.

        Args:
            arguments: Of the command line.
            check: Whether an error of DVC is one here.

        Raises:
            UserError: If DVC ends with an error, and `check`.
        """
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        lines = []
        with subprocess.Popen(
            [sys.executable, "-m", "dvc", *arguments],
            cwd=self.folder,
            env=os.environ | self._environment | {"PATH": path},
            stdout=subprocess.PIPE,
            text=True,
        ) as process:
            assert process.stdout is not None
            for line in process.stdout:
                print(line, end="", flush=True)
                lines.append(line)
        if check and process.returncode:
            raise UserError(f"dvc {' '.join(arguments)} failed in a clean clone")
        return "".join(lines)


def reproduce(source: Path, folder: Path, dataset: str, say: Callable[[str], None]) -> bool:
    """Run a dataset's study in a clean clone and compare it with what is committed.

    Args:
        source: The repository; its HEAD is checked, uncommitted changes are not seen.
        folder: Where to put the clone.
        dataset: Key of the dataset.
        say: Called with each line of the outcome.

    Returns:
        Whether everything agreed.

    Raises:
        UserError: If the committed state isn't complete, or a stage fails.
    """
    clone, target = Clone(source, folder), f"report@{dataset}"
    say(f"1. Do code, settings and dvc.lock agree? dvc repro --allow-missing --dry {target}")
    # Where they don't, DVC may also end with an error: what a changed stage reads isn't here.
    if UP_TO_DATE not in clone.dvc("repro", "--allow-missing", "--dry", target, check=False):
        say(f"DIFFERS: run 'dvc repro {target}' and commit dvc.lock, metrics and plots")
        return False
    committed = read_results(clone.folder, dataset)

    say(f"2. The study, from nothing: dvc repro {target}")
    clone.dvc("repro", target)
    found = read_results(clone.folder, dataset)

    run = next(name for name in found.hashes if name.startswith(f"models/{dataset}/")).split("/")
    instance = f"train@{dataset}-{run[-1].removeprefix('resnet').replace('-seed', '-')}"
    say(f"3. One network trained again, on the same machine: dvc repro --force {instance}")
    clone.dvc("repro", "--force", "--single-item", instance)
    again = deterministic_outputs(clone.folder / "dvc.lock", dataset)

    comparisons = [compare_results(committed, found, say), compare_hashes(found.hashes, again)]
    for comparison in comparisons:
        say(f"{'DIFFERS' if comparison.differences else 'EQUAL'}: {comparison.title}")
        for line in comparison.differences:
            say(f"   {line}")
    return not any(comparison.differences for comparison in comparisons)
