"""DVC stage `latency`: time the inference of one depth, on one trained network."""

from pathlib import Path
from typing import Annotated

from resnet_depth.base import cli
from resnet_depth.base.sections import load_section
from resnet_depth.latency.measure import measure_latency
from resnet_depth.latency.settings import LatencySettings
from resnet_depth.runs.records import write_record


def main(
    params: cli.ParamsFile,
    model: cli.ModelFolder,
    export: Annotated[Path, cli.option("--export", "Folder of the exported network.")],
    out: cli.OutFile,
) -> None:
    """Write latency (seconds) and throughput (images/s), with what they were measured on."""
    settings = load_section(params, "latency", LatencySettings)
    write_record(out, measure_latency(model, export, settings))


if __name__ == "__main__":
    cli.run(main)
