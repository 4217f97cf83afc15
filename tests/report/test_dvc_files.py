"""What DVC's verbs show of a small constructed study: a row a network, a mark a run."""

from itertools import product
from pathlib import Path
from statistics import fmean

import pandas as pd
import pytest
from dvc.compare import show_metrics
from given.study_files import write_study

from resnet_depth.base.files import read_json
from resnet_depth.base.sections import read_params
from resnet_depth.evidence.costs import costs_of
from resnet_depth.networks.shape import DEPTHS
from resnet_depth.report.dvc_files import write_metrics, write_plots

SHIPPED = Path(__file__).parents[2] / "params.yaml"


@pytest.fixture
def study(tmp_path):
    """Two recipes; one network was timed only while others used the machine."""
    shared = [(18, 0), (18, 1)]
    recipes = ("reference", "fast")
    return write_study(tmp_path, depths=(18, 34), seeds=(0, 1), recipes=recipes, shared=shared)


def found(study):
    evidence = study.study_evidence()
    return evidence, [cost for own in evidence.by_recipe.values() for cost in costs_of(own)]


def test_each_network_has_a_file_of_the_same_numbers_and_nothing_else_is_there(study):
    (study.metrics / "gone").mkdir(parents=True)

    write_metrics(study.metrics, *found(study))

    assert sorted(path.name for path in study.metrics.iterdir()) == [
        *("fast-18.json", "fast-34.json", "reference-18.json", "reference-34.json")
    ]
    for path in study.metrics.iterdir():
        network = "{}/resnet{}".format(*path.stem.split("-"))
        runs = [f"{network}-seed{seed}" for seed in (0, 1)]
        tests = [read_json(study.evaluations / run / "metrics.json") for run in runs]
        lasted = [read_json(study.durations / f"{run}.json") for run in runs]
        deployed = read_json(study.latency / f"{network}.json")["deployed"]
        trained = read_json(study.models / runs[0] / "train.json")
        assert read_json(path) == pytest.approx(
            {
                "accuracy": fmean(test["test_accuracy"] for test in tests),
                "train_seconds": fmean(run["train_seconds"] for run in lasted),
                "latency_ms": 1000 * deployed["single"]["median_seconds"],
                "images_per_second": deployed["batched"]["images_per_second"],
                "parameters_m": trained["parameters"] / 1e6,
            }
        )


def test_dvc_shows_each_network_of_the_shipped_settings_within_120_columns(study, capsys):
    write_metrics(study.metrics, *found(study))
    keys = read_json(study.metrics / "fast-18.json")
    params = read_params(SHIPPED)
    files = [
        f"metrics/{dataset}/{recipe}-{depth}.json"
        for dataset, recipe, depth in product(params["datasets"], params["recipes"], DEPTHS)
    ]

    show_metrics(
        {"": {"data": {file: {"data": dict.fromkeys(keys, 12345.67891)} for file in files}}}
    )

    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 1 + len(files)
    assert max(map(len, lines)) <= 120


def test_each_run_stands_with_what_it_cost(study):
    evidence, costs = found(study)

    write_plots(study.tables, evidence, costs)

    accuracy = pd.read_csv(study.tables / "accuracy.csv")
    shared = ["recipe", "depth", "seed", "test_accuracy"]
    for name, column in (("training_time", "train_seconds"), ("latency", "latency_ms")):
        table = pd.read_csv(study.tables / f"{name}.csv")
        assert list(table) == [*shared[:3], column, "test_accuracy"]
        assert table[shared].equals(accuracy[shared])
    times = pd.read_csv(study.tables / "training_time.csv").set_index(shared[:3])["train_seconds"]
    lasted = read_json(study.durations / "fast/resnet34-seed1.json")
    assert times["fast", 34, 1] == lasted["train_seconds"]
    latency = pd.read_csv(study.tables / "latency.csv").set_index(shared[:3])["latency_ms"]
    timed = read_json(study.latency / "fast/resnet34.json")
    assert latency["fast", 34, 1] == 1000 * timed["deployed"]["single"]["median_seconds"]
