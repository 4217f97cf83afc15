"""Whether results of one machine may stand beside those of another, by their machine classes."""

import os
import subprocess
import sys
from functools import cache
from pathlib import Path

from resnet_depth.machine.records import MachineClass

# Where a worker's own code lies.
LIBRARY = Path(__file__).parents[4]
PROGRAM = (
    "from resnet_depth.machine.environment import machine_class; "
    "print(machine_class().model_dump_json())"
)


def differences(worker: str, coordinator: str) -> list[str]:
    """Return what of a worker's machine class isn't as the coordinator's, such as `python: 3.12`.

    Both are JSON as `own_machine` has it. Nothing is returned where bytes must be equal.
    """
    theirs, ours = (MachineClass.model_validate_json(text) for text in (worker, coordinator))
    if theirs.is_like(ours):
        return []
    its, own = theirs.model_dump(), ours.model_dump()
    return [f"{name}: {its[name]} (here {own[name]})" for name in its if its[name] != own[name]]


@cache
def own_machine() -> str:
    """Return the class of this machine as JSON.

    Asked of a process of its own: torch would stay in the memory of each worker.
    """
    environment = os.environ | {"PYTHONPATH": str(LIBRARY)}
    command = [sys.executable, "-c", PROGRAM]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return done.stdout.strip()
