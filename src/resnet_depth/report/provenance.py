"""Where a report's numbers come from, as far as it takes more than the page's template to tell."""

from collections.abc import Sequence

import pandas as pd

from resnet_depth.evidence.costs import conditions, describe_conditions
from resnet_depth.evidence.evidence import Evidence
from resnet_depth.evidence.wording import listed, network_title, percent
from resnet_depth.latency.records import LatencyRecord
from resnet_depth.report.rerunning import commits, period
from resnet_depth.training.records import DurationRecord
from resnet_depth.training.settings import TrainSettings

# The recipe's keys that say where training ran, which the clocks' records tell better, and those
# that the page tells in words.
_TOLD_ELSEWHERE = {"device", "threads", "precision", "batch_size", "lr", "optimizer"}


def stems(evidence: Evidence) -> str:
    """Return which networks have which stem, as recorded by the runs."""
    networks: dict[str, list[str]] = {}
    for depth in evidence.depths:
        networks.setdefault(evidence.training(depth).stem, []).append(network_title(depth))
    return "; ".join(f"{listed(names)}: stem {stem}" for stem, names in networks.items())


def further_settings(recipe: TrainSettings) -> str:
    """Return the keys of section `train`, dotted, with their values; not those told elsewhere."""
    table = pd.json_normalize(recipe.model_dump(exclude=_TOLD_ELSEWHERE))
    return ", ".join(f"{key} {value}" for key, value in table.to_dict("records")[0].items())


def machine_and_code(evidence: Evidence) -> list[tuple[str, str]]:
    """Return what clocks were read on, by which code and when: pairs of term and description."""
    clocks: dict[str, Sequence[DurationRecord | LatencyRecord]] = {
        "Training": list(evidence.durations.values()),
        "Inference": list(evidence.latency.values()),
    }
    rows = []
    for name, records in clocks.items():
        distinct = dict.fromkeys(map(conditions, records))
        rows += [(name, describe_conditions(found)) for found in distinct]
        loads = [record.other_load for record in records]
        used = f"{percent(min(loads))} to {percent(max(loads))} of the machine was used by others"
        shared = f"{sum(record.shared for record in records)} of {len(records)}"
        rows.append((f"{name}: other load", f"{used}; {shared} timings don't count for that"))
    versions = [record.environment.dvc for records in clocks.values() for record in records]
    return [
        *rows,
        ("Commit", ", ".join(commits(evidence))),
        ("Date", period(evidence)),
        ("DVC", ", ".join(dict.fromkeys(versions))),
    ]
