"""DVC stage `pruned_latency`: time the inference of one network at all levels of its pruning."""

from pathlib import Path
from typing import Annotated

from resnet_depth.base import cli
from resnet_depth.base.sections import load_section
from resnet_depth.latency.pruned import measure_pruned_latency
from resnet_depth.latency.settings import LatencySettings
from resnet_depth.runs.records import write_record


def main(
    params: cli.ParamsFile,
    model: cli.ModelFolder,
    pruned: Annotated[Path, cli.option("--pruned", "Folder of what pruning left of it.")],
    card: Annotated[Path, cli.option("--card", "Card of the prepared dataset, dataset.json.")],
    out: cli.OutFile,
) -> None:
    """Write latency (seconds) and throughput (images/s) of each level's deployed form."""
    settings = load_section(params, "latency", LatencySettings)
    write_record(out, measure_pruned_latency(model, pruned, card, settings))


if __name__ == "__main__":
    cli.run(main)
