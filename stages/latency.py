"""DVC stage `latency`: time the inference of one depth, on one trained network."""

from resnet_depth import cli
from resnet_depth.files import write_json
from resnet_depth.latency import measure_latency
from resnet_depth.settings.latency import LatencySettings
from resnet_depth.settings.reader import load_section


def main(params: cli.ParamsFile, model: cli.ModelFolder, out: cli.OutFile) -> None:
    """Write latency (seconds) and throughput (images/s), with what they were measured on."""
    write_json(out, measure_latency(model, load_section(params, "latency", LatencySettings)))


if __name__ == "__main__":
    cli.run(main)
