"""DVC stage `export`: write one trained network as files for use elsewhere, with a card."""

from resnet_depth.base import cli
from resnet_depth.base.sections import load_section
from resnet_depth.evidence.settings import SummarizeSettings
from resnet_depth.export.export import export_network
from resnet_depth.export.settings import ExportSettings


def main(
    params: cli.ParamsFile, data: cli.DataFolder, model: cli.ModelFolder, out: cli.OutFolder
) -> None:
    """Write ONNX files in float32 and 8-bit integers, torchvision's weights, record and card."""
    settings = load_section(params, "export", ExportSettings)
    confidence = load_section(params, "summarize", SummarizeSettings).confidence
    export_network(model, data, settings, confidence, out)


if __name__ == "__main__":
    cli.run(main)
