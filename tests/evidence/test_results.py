"""The results of a study's runs: exactly those, or refused by name."""

import json

import pytest
from given.study_files import write_study

from resnet_depth.base.errors import UserError
from resnet_depth.base.files import read_json, write_json
from resnet_depth.evidence.evidence import read_evidence
from resnet_depth.evidence.results import read_pruned
from resnet_depth.evidence.tables import summarize


@pytest.fixture
def study(tmp_path):
    return write_study(tmp_path)


def test_other_runs_in_the_folders_are_left_alone(tmp_path):
    both = write_study(tmp_path / "both", depths=(18, 34), seeds=(0, 1))
    alone = write_study(tmp_path / "alone", depths=(34,), seeds=(1,))

    _, chosen = both.results(depths=(34,), seeds=(1,))
    _, expected = alone.results()

    assert [result.run for result in chosen] == [result.run for result in expected]
    assert summarize(chosen) == summarize(expected)


def test_the_order_of_depths_and_seeds_does_not_matter(study):
    _, forth = study.results()
    _, back = study.results(depths=(50, 18, 34), seeds=(2, 0, 1))

    assert [result.run for result in forth] == [result.run for result in back]


@pytest.mark.parametrize("file", ["train.json", "curves.csv"])
def test_a_missing_run_is_named_with_its_file_and_the_way_to_make_it(study, file):
    path = study.models / "reference/resnet34-seed2" / file
    path.unlink()

    with pytest.raises(
        UserError, match=r"missing; 'dvc repro train@digits-reference-34-2'"
    ) as error:
        study.summarize()
    assert str(path) in str(error.value)


def test_a_missing_evaluation_is_named(study):
    (study.evaluations / "reference/resnet50-seed0" / "metrics.json").unlink()

    with pytest.raises(
        UserError, match=r"metrics\.json: missing; 'dvc repro evaluate@digits-reference-50-0'"
    ):
        study.summarize()


def test_an_evaluation_of_other_images_is_refused(study):
    path = study.evaluations / "reference/resnet18-seed0" / "metrics.json"
    write_json(path, {**read_json(path), "images": 10_000})

    with pytest.raises(UserError, match="a test of 10000 images in 10 classes; digits has 360"):
        study.summarize()


@pytest.mark.parametrize("reader", ["summarize", "evidence"])
def test_a_network_of_other_settings_than_todays_is_refused(study, reader):
    study.summarize()
    path = study.recipe_files / "reference.json"
    write_json(path, {**read_json(path), "lr": 0.5})

    with pytest.raises(UserError) as told:
        study.summarize() if reader == "summarize" else read_evidence(
            study.sources, study.settings(), 0.95
        )

    assert str(told.value) == (
        f"{study.models}/reference/resnet18-seed0/train.json: trained with lr 0.001; recipe "
        "reference has 0.5 today; repeat 'dvc repro train@digits-reference-18-0'"
    )


def test_runs_tested_on_other_images_are_refused(tmp_path):
    study = write_study(tmp_path)
    path = study.evaluations / "reference/resnet34-seed1" / "predictions.csv"
    lines = path.read_text().splitlines()
    # The first two images' classes, 0 and 1, in exchange.
    exchanged = [lines[1].replace("0,0,", "0,1,", 1), lines[2].replace("1,1,", "1,0,", 1)]
    path.write_text("\n".join([lines[0], *exchanged, *lines[3:]]))

    with pytest.raises(UserError, match=r"other images.*dvc repro evaluate@digits-reference-34-1"):
        study.results()
    path.write_text("\n".join([lines[0], *lines[2:]]))
    with pytest.raises(UserError, match=r"359 images.*dvc repro evaluate@digits-reference-34-1"):
        study.results()


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        ("{", "no valid JSON"),
        ("{}", "network: Field required"),
        (json.dumps({"network": "resnet18", "depth": "x"}), "depth"),
    ],
)
def test_a_damaged_record_is_refused_with_the_way_on(study, content, fault):
    path = study.evaluations / "reference/resnet18-seed0" / "metrics.json"
    path.write_text(content)

    with pytest.raises(
        UserError, match=rf"{fault}.*repeat 'dvc repro evaluate@digits-reference-18-0'"
    ):
        study.summarize()


def test_curves_that_lack_a_column_are_refused(study):
    (study.models / "reference/resnet18-seed0" / "curves.csv").write_text(
        "epoch,learning_rate_begin,learning_rate_end\n1,0.1,0.1\n"
    )

    with pytest.raises(UserError, match="lacks the column train_loss"):
        study.summarize()


def test_what_was_pruned_is_read_by_depth_and_seed_and_nothing_else(tmp_path):
    study = write_study(tmp_path, depths=(18, 34), seeds=(0, 1), pruned=(34, 18))

    found = read_pruned(study.pruned, "digits", (1, 0))

    assert [(each.depth, each.seed) for each in found] == [(18, 0), (18, 1), (34, 0), (34, 1)]
    assert [each.seed for each in read_pruned(study.pruned, "digits", (1,))] == [1, 1]


def test_where_nothing_is_pruned_there_is_nothing_to_read(study):
    assert read_pruned(study.pruned, "digits", (0, 1, 2)) == []


@pytest.mark.parametrize(
    ("file", "stage"),
    [("levels.json", "levels@digits"), ("resnet18-seed1/prune.json", "prune@digits-18-1")],
)
def test_what_is_missing_of_a_pruning_is_named(tmp_path, file, stage):
    study = write_study(tmp_path, depths=(18,), seeds=(0, 1), pruned=(18,))
    (study.pruned / file).unlink()

    with pytest.raises(UserError, match=rf"{file}: missing; 'dvc repro {stage}' makes it"):
        study.summarize()
