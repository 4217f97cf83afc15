"""What `summarize` writes, recomputed independently from a small constructed study."""

import pandas as pd
import pytest
from given.stage_files import TEST_IMAGES
from given.study_files import write_study

from resnet_depth.base.files import read_json, write_json


@pytest.fixture
def study(tmp_path):
    return write_study(tmp_path)


def test_the_tables_hold_every_run_and_say_what_is_a_mean(study):
    study.summarize()

    curves = pd.read_csv(study.tables / "curves.csv")
    accuracy = pd.read_csv(study.tables / "accuracy.csv")
    means = pd.read_csv(study.tables / "accuracy_over_seeds.csv")
    assert len(curves) == 3 * 3 * 6
    assert list(zip(accuracy["depth"], accuracy["seed"], strict=True)) == [
        (depth, seed) for depth in (18, 34, 50) for seed in (0, 1, 2)
    ]
    assert list(means.columns) == [
        *("recipe", "depth", "n", "mean", "sd", "low", "high", "confidence")
    ]
    assert (means["n"] == 3).all()
    assert means["mean"].tolist() == pytest.approx(
        accuracy.groupby("depth")["test_accuracy"].mean().tolist()
    )


def test_confusion_is_summed_over_seeds_and_its_rows_are_shares_of_the_actual_class(study):
    study.summarize()

    confusion = pd.read_csv(study.tables / "confusion.csv")
    counts = confusion.groupby("depth")["count"].sum()
    shares = confusion.groupby(["depth", "actual"])["fraction"].sum()
    assert (counts == 3 * TEST_IMAGES).all()
    assert shares.tolist() == pytest.approx([1.0] * 30)


def test_full_precision_survives_the_tables(study):
    study.summarize()

    accuracy = pd.read_csv(study.tables / "accuracy.csv")
    written = read_json(study.evaluations / "reference/resnet18-seed0" / "metrics.json")[
        "test_accuracy"
    ]
    assert accuracy["test_accuracy"][0] == written


def test_a_class_called_na_keeps_its_name_and_one_without_images_has_no_accuracy(tmp_path):
    study = write_study(tmp_path, depths=(18,), seeds=(0,), classes=("NA", "null"))
    path = study.evaluations / "reference/resnet18-seed0" / "metrics.json"
    metrics = read_json(path)
    write_json(
        path,
        {
            **metrics,
            "test_accuracy": 1.0,
            "confusion": [[TEST_IMAGES, 0], [0, 0]],
            "class_accuracy": [1.0, None],
        },
    )
    lines = ["index,label,prediction,probability_0,probability_1"]
    lines += [f"{index},0,0,0.75,0.25" for index in range(TEST_IMAGES)]
    path.with_name("predictions.csv").write_text("\n".join(lines))

    evidence = study.evidence()

    assert evidence.confusion["actual"].tolist() == ["NA", "NA", "null", "null"]
    assert evidence.confusion["fraction"].isna().tolist() == [False, False, True, True]


def test_the_same_runs_give_the_same_bytes(tmp_path):
    written = []
    for name in ("a", "b"):
        study = write_study(tmp_path / name)
        study.summarize()
        files = sorted(study.tables.iterdir())
        written.append({file.name: file.read_bytes() for file in files})

    assert written[0] == written[1]
    assert len(written[0]) == 10


def test_the_pruning_table_has_a_row_for_each_level_of_each_pruned_run(tmp_path):
    study = write_study(tmp_path, depths=(18, 34), seeds=(0, 1), pruned=(18,))
    study.summarize()

    table = pd.read_csv(study.tables / "pruning.csv")

    records = [read_json(study.pruned / f"resnet18-seed{seed}/prune.json") for seed in (0, 1)]
    levels = [(record["seed"], level) for record in records for level in record["levels"]]
    assert table["seed"].tolist() == [seed for seed, _ in levels]
    for name in ("kind", "share", "parameters", "at_once_accuracy"):
        assert table[name].tolist() == [level[name] for _, level in levels]
    assert set(table["depth"]) == {18}
    assert set(table["recipe"]) == {"reference"}
    assert table[table["kind"] == "full"]["tuned_accuracy"].isna().all()


def test_where_nothing_was_pruned_the_pruning_table_has_columns_alone(study):
    study.summarize()

    assert (study.tables / "pruning.csv").read_text().startswith("recipe,depth,seed,kind,")
    assert pd.read_csv(study.tables / "pruning.csv").empty
