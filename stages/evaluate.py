"""DVC stage `evaluate`: test one trained network on its dataset's test part."""

from resnet_depth.base import cli
from resnet_depth.base.sections import load_section
from resnet_depth.data.prepared import load_part
from resnet_depth.evaluation.evaluate import evaluate, write_evaluation
from resnet_depth.evaluation.settings import EvaluateSettings


def main(
    params: cli.ParamsFile, data: cli.DataFolder, model: cli.ModelFolder, out: cli.OutFolder
) -> None:
    """Write test accuracy, loss, calibration error, confusion matrix and every prediction."""
    settings = load_section(params, "evaluate", EvaluateSettings)
    write_evaluation(evaluate(model, load_part(data, "test"), settings), out)


if __name__ == "__main__":
    cli.run(main)
