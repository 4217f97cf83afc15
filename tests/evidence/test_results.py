"""The results of a study's runs: exactly those, or refused by name."""

import json
import math

import pytest
from given.study_files import write_study

from resnet_depth.base.errors import UserError
from resnet_depth.base.files import read_json, write_json
from resnet_depth.evidence.evidence import read_evidence
from resnet_depth.evidence.results import read_pruned
from resnet_depth.evidence.tables import accuracy_table


@pytest.fixture
def study(tmp_path):
    return write_study(tmp_path)


def test_other_runs_in_the_folders_are_left_alone(tmp_path):
    both = write_study(tmp_path / "both", depths=(18, 34), seeds=(0, 1))
    alone = write_study(tmp_path / "alone", depths=(34,), seeds=(1,))

    _, chosen = both.results(depths=(34,), seeds=(1,))
    _, expected = alone.results()

    assert [result.run for result in chosen] == [result.run for result in expected]
    assert accuracy_table(chosen).equals(accuracy_table(expected))


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
    confusion = [[1000 * (row == column) for column in range(10)] for row in range(10)]
    all_right = {"confusion": confusion, "class_accuracy": [1.0] * 10, "test_accuracy": 1.0}
    write_json(path, {**read_json(path), **all_right, "images": 10_000})

    with pytest.raises(UserError, match="a test of 10000 images in 10 classes; digits has 360"):
        study.summarize()


def damage_json(**changes):
    def damage(text):
        return json.dumps({**json.loads(text), **changes})

    return damage


def damage_cell(row, column, value):
    def damage(text):
        lines = [line.split(",") for line in text.splitlines()]
        lines[row][lines[0].index(column)] = value
        return "\n".join(map(",".join, lines))

    return damage


DAMAGE = {
    "another run's test": ("metrics.json", damage_json(seed=1), "seed is 1, not 0"),
    "an accuracy above 1": ("metrics.json", damage_json(test_accuracy=1.5), "test_accuracy: Input"),
    "another accuracy": ("metrics.json", damage_json(test_accuracy=0.5), "isn't that of confusion"),
    "a number that is text": ("metrics.json", damage_json(images="360"), "images: Input should be"),
    "a loss that is none": (
        "metrics.json",
        damage_json(test_loss=math.nan),
        "test_loss: Input",
    ),
    "fewer images": ("metrics.json", damage_json(images=359), "confusion counts 360 images"),
    "no probability": ("predictions.csv", damage_cell(5, "probability_3", ""), "lacks a value"),
    "infinity": ("predictions.csv", damage_cell(5, "probability_3", "inf"), "no finite number"),
    "a word": ("predictions.csv", damage_cell(5, "probability_3", "much"), "no finite number"),
    "one above 1": ("predictions.csv", damage_cell(5, "probability_3", "1.5"), "no fraction of 1"),
    "others": ("predictions.csv", damage_cell(5, "probability_3", "0.9"), "don't add up to 1"),
    "half a label": ("predictions.csv", damage_cell(5, "label", "0.5"), "no whole number"),
    "no label": ("predictions.csv", damage_cell(5, "label", "-1"), "no whole number"),
    "another label": ("predictions.csv", damage_cell(5, "label", "7"), "what metrics.json is of"),
    "another answer": ("predictions.csv", damage_cell(5, "prediction", "7"), "most probable class"),
    "an image twice": (
        "predictions.csv",
        damage_cell(5, "index", "3"),
        "aren't those from 0 to",
    ),
    "another run's network": ("train.json", damage_json(depth=34), "depth is 34, not 18"),
    "negative parameters": ("train.json", damage_json(parameters=-1), "parameters: Input"),
    "a truth for a count": ("train.json", damage_json(steps=True), "steps: Input should be"),
    "an epoch twice": ("curves.csv", damage_cell(2, "epoch", "1"), "isn't of epochs 1 to 6"),
    "a curve's infinity": ("curves.csv", damage_cell(2, "train_loss", "inf"), "no finite number"),
    "a percentage": ("curves.csv", damage_cell(2, "validation_accuracy", "91"), "no fraction of 1"),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_what_was_edited_or_damaged_is_refused_by_name(study, damage):
    file, edit, fault = DAMAGE[damage]
    of_test = file in ("metrics.json", "predictions.csv")
    path = (study.evaluations if of_test else study.models) / "reference/resnet18-seed0" / file
    path.write_text(edit(path.read_text()))

    with pytest.raises(UserError) as told:
        study.results()

    assert str(told.value).startswith(f"{path}: ")
    assert fault in str(told.value)
    assert f"dvc repro {'evaluate' if of_test else 'train'}@digits-reference-18-0" in str(
        told.value
    )
    assert len(str(told.value).splitlines()) == 1


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
        "digits reference/resnet18-seed0: trained with lr 0.001; the recipe has 0.5 today; repeat "
        "'dvc repro train@digits-reference-18-0'"
    )


def test_runs_tested_on_other_images_are_refused(tmp_path):
    study = write_study(tmp_path)
    path = study.evaluations / "reference/resnet34-seed1" / "predictions.csv"
    lines = path.read_text().splitlines()
    # The first two images, of the classes 0 and 1, in exchange.
    exchanged = [f"0,{lines[2].partition(',')[2]}", f"1,{lines[1].partition(',')[2]}"]
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
