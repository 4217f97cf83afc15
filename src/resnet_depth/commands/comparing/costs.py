"""What the networks of two studies cost beside each other, and where clocks don't compare."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from resnet_depth.commands.comparing.accuracy import common_depths
from resnet_depth.commands.publishing.studies import train_seconds
from resnet_depth.commands.publishing.study import Study
from resnet_depth.evidence.wording import count, duration, signed, significant

# What stands in place of a change where a machine was shared, and where it was another.
SHARED, OTHER = "*", "†"
_NUMBER = re.compile(r"[\d.,]+")

Told = Mapping[str, Any]


@dataclass(frozen=True)
class Quantity:
    """Something a network costs, read from its part of costs.json, and how it is written.

    `shared` tells whether a clock was read while others used the machine, and `conditions` under
    what; both are None of what no clock has read.
    """

    header: str
    meaning: str
    value: Callable[[Told], float]
    written: Callable[[float], str]
    shared: Callable[[Told], bool] | None = None
    conditions: Callable[[Told], Any] | None = None


@dataclass(frozen=True)
class Cost:
    """A quantity of one depth in two studies; `shared` and `compares` are of their clocks."""

    quantity: Quantity
    first: float
    second: float
    shared: bool
    compares: bool

    def __str__(self) -> str:
        """Write both values and the change; a mark where clocks say nothing of it."""
        was, now = self.quantity.written(self.first), self.quantity.written(self.second)
        if was == now and self.compares:
            return now
        number, unit = _NUMBER.match(was), _NUMBER.match(now)
        if number and unit and was[number.end() :] == now[unit.end() :]:
            was = number[0]
        return f"{was} → {now} {self._change}"

    @property
    def _change(self) -> str:
        if not self.compares:
            return SHARED if self.shared else OTHER
        ratio = self.second / self.first
        return f"{signed(100 * (ratio - 1), 0)}%" if 0.5 < ratio < 2 else f"×{significant(ratio)}"


def _with_variables(conditions: Told) -> dict[str, Any]:
    """Return conditions in today's form: earlier ones tell no variables."""
    return {"variables": {}, **conditions}


QUANTITIES = (
    Quantity(
        "Training time",
        "wall time from the first training image to the last, mean over seeds",
        train_seconds,
        duration,
        lambda told: told["train_seconds"] is None,
        lambda told: [_with_variables(each) for each in told["training_conditions"]],
    ),
    Quantity(
        "1 image",
        "median wall time to classify one image, in the deployed form",
        lambda told: float(told["latency"]["deployed"]["single"]["median_seconds"]),
        duration,
        lambda told: bool(told["latency"]["shared"]),
        lambda told: _with_variables(told["latency"]["conditions"]),
    ),
    Quantity(
        "Throughput",
        "images classified a second in large batches, in the deployed form",
        lambda told: float(told["latency"]["deployed"]["batched"]["images_per_second"]),
        lambda value: f"{significant(value)}/s",
        lambda told: bool(told["latency"]["shared"]),
        lambda told: _with_variables(told["latency"]["conditions"]),
    ),
    Quantity(
        "Parameters", "numbers that the network learns", lambda told: told["parameters"], count
    ),
    Quantity(
        "MACs", "multiplications and additions for an image", lambda told: told["macs"], count
    ),
)


def costs(first: Study, second: Study) -> dict[int, list[Cost]]:
    """Return each common depth's costs, in the order of `QUANTITIES`."""
    return {
        depth: [_cost(each, first.cost(depth), second.cost(depth)) for each in QUANTITIES]
        for depth in common_depths(first, second)
    }


def _cost(quantity: Quantity, was: Told, now: Told) -> Cost:
    shared, conditions = quantity.shared, quantity.conditions
    disturbed = bool(shared and (shared(was) or shared(now)))
    alike = conditions is None or conditions(was) == conditions(now)
    values = quantity.value(was), quantity.value(now)
    return Cost(quantity, *values, disturbed, alike and not disturbed)
