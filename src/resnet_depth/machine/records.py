"""What records of a clock say of the machine; without torch, for who only reads them."""

from typing import Self

from pydantic import Field

from resnet_depth.runs.records import Count, Fraction, Record


class MachineClass(Record):
    """What decides the last bits of a result on a CPU, see `machine_class`.

    `kernels` are those that torch chose, such as AVX512; None in records from before this was told.
    `variables` are those of the process's environment by which a library chooses others.
    """

    processor: str
    instruction_sets: str
    kernels: str | None = None
    variables: dict[str, str] = Field(default_factory=dict)
    system: str
    architecture: str
    python: str
    packages: dict[str, str]

    def is_like(self, other: Self) -> bool:
        """Return whether bytes must be equal, as far as both tell.

        Records from before kernels were told tell no variables either; neither is a bar then.
        """
        if self.kernels and other.kernels:
            return self == other
        untold: dict[str, object] = {"kernels": None, "variables": {}}
        return self.model_copy(update=untold) == other.model_copy(update=untold)


class Environment(Record):
    """Where and when a clock was read; `commit` ends in `+changes` for an edited tree."""

    machine_class: MachineClass
    cores: Count
    dvc: str
    date: str
    commit: str | None


class Clocked(Record):
    """What every record of a clock says.

    `other_load` is the fraction of the processors' time that others used meanwhile, and `shared`
    says that it was too much for the reading to count.
    """

    recipe: str
    network: str
    depth: int
    seed: int
    device: str
    device_title: str
    threads: Count
    other_load: Fraction
    shared: bool
    environment: Environment
