"""What `dvc metrics` and `dvc plots` show of accuracy and cost: files in the shape that suits DVC.

A row of `dvc metrics show` is a file, a column a key: so each network has a file, with equal keys.
A chart of `dvc plots show` is a file too, with a row a run.
"""

from collections.abc import Sequence
from pathlib import Path
from statistics import fmean

from resnet_depth.base.files import replacing_folder, write_json, write_text
from resnet_depth.evidence.costs import Cost, shown_train_seconds
from resnet_depth.evidence.evidence import StudyEvidence
from resnet_depth.evidence.tables import accuracies_by_network
from resnet_depth.runs.names import Network


def write_metrics(folder: Path, study: StudyEvidence, costs: Sequence[Cost]) -> None:
    """Replace a folder by one that has the few numbers of each network, as in `fast-18.json`.

    Accuracy (a fraction of the test images) and training time are means over seeds; `latency_ms`
    is the median of one image, `images_per_second` are those in batches, both of the deployed form
    of the first seed's network; parameters are in millions.
    """
    accuracies = accuracies_by_network(study.accuracy)
    with replacing_folder(folder) as staging:
        for cost in costs:
            deployed = cost.latency.deployed
            metrics = {
                "accuracy": fmean(accuracies[Network(cost.size.recipe, cost.depth)]),
                "train_seconds": shown_train_seconds(cost),
                "latency_ms": 1e3 * deployed.single.median_seconds,
                "images_per_second": deployed.batched.images_per_second,
                "parameters_m": cost.size.parameters / 1e6,
            }
            write_json(staging / f"{cost.size.recipe}-{cost.depth}.json", metrics)


def write_plots(folder: Path, study: StudyEvidence, costs: Sequence[Cost]) -> None:
    """Write each run's test accuracy beside its training time and its network's latency.

    Into `training_time.csv` and `latency.csv`; columns recipe, depth, seed, `train_seconds` or
    `latency_ms`, and test_accuracy.
    """
    runs = study.accuracy[["recipe", "depth", "seed"]]
    keys = list(runs.itertuples(index=False, name=None))
    lasted = {
        (cost.size.recipe, cost.depth, run.seed): run.train_seconds
        for cost in costs
        for run in cost.runs
    }
    latency = {
        (cost.size.recipe, cost.depth): 1e3 * cost.latency.deployed.single.median_seconds
        for cost in costs
    }
    for name, column, values in (
        ("training_time", "train_seconds", [lasted[key] for key in keys]),
        ("latency", "latency_ms", [latency[key[:2]] for key in keys]),
    ):
        table = runs.assign(**{column: values}, test_accuracy=study.accuracy["test_accuracy"])
        write_text(folder / f"{name}.csv", table.to_csv(index=False, lineterminator="\n"))
