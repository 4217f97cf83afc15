"""Studies beside each other: what a changed setting did, with an interval, or why not."""

import re
import shutil
from dataclasses import asdict
from pathlib import Path

import pandas as pd
import pytest
from given.published_study import publish_finished, write_published_study
from scipy import stats

from resnet_depth.base.errors import UserError
from resnet_depth.base.files import read_json, write_json
from resnet_depth.commands.publishing.rendering import environment
from resnet_depth.commands.publishing.studies import (
    compare,
    pooled,
    pooled_depths,
    pooled_gains,
    pooled_rows,
)
from resnet_depth.commands.publishing.study import open_study


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    """Return the folder of a publication that all studies here are copies of."""
    study = write_published_study(tmp_path_factory.mktemp("comparison"), shared=[(18, 2)])
    return publish_finished(study)


@pytest.fixture
def studies(published, tmp_path):
    """Return a function that makes a study: the published one with some of it changed."""

    def make(name, *, params=(), depths=(18, 34, 50), seeds=(0, 1, 2), epochs=6, better=0.0):
        folder = tmp_path / name
        shutil.copytree(published, folder)
        text = (folder / "params.yaml").read_text(encoding="utf-8")
        for old, new in params:
            assert old in text
            text = text.replace(old, new)
        (folder / "params.yaml").write_text(text, encoding="utf-8")
        tested = folder / "tables" / "accuracy.csv"
        runs = pd.read_csv(tested)
        own = runs[runs.depth.isin(depths) & runs.seed.isin(seeds)]
        if own.empty:
            own = runs[runs.depth == 18].assign(depth=depths[0])
        own.to_csv(tested, index=False)
        table = folder / "tables" / "curves.csv"
        curves = pd.read_csv(table)
        curves["validation_accuracy"] += better
        kept = curves.depth.isin(depths) & curves.seed.isin(seeds) & (curves.epoch <= epochs)
        curves[kept].to_csv(table, index=False)
        for path in (folder / "training").rglob("*.json"):
            write_json(path, read_json(path) | {"epochs": epochs})
        return open_study(tmp_path, name)

    return make


TEMPLATES = Path(__file__).parents[3] / "docs" / "templates"
LARGER = ("image_size: 32 ", "image_size: 64 ")


def comparison_block(studies):
    """Return the comparison as documents show it."""
    made = environment(TEMPLATES, studies[0].folder.parent)
    macros = made.get_template("macros.md.jinja").module
    return macros.comparison(studies)


def cells(block):
    """Return a table's rows without headers, as lists of cells."""
    rows = [line.strip("| ").split(" | ") for line in block.splitlines() if line.startswith("|")]
    return rows[2:]


def accuracies(publication, depth, epoch):
    curves = pd.read_csv(publication.folder / "tables" / "curves.csv")
    return curves[(curves.depth == depth) & (curves.epoch == epoch)].validation_accuracy


def test_a_line_tells_the_setting_and_welchs_interval_of_the_difference(studies):
    trial = studies("trial")
    larger = studies("larger", params=[LARGER], depths=[18], seeds=[0, 1], epochs=2, better=0.04)

    first, second = cells(comparison_block([trial, larger]))

    ours, theirs = (accuracies(each, 18, 2) for each in (larger, trial))
    welch = stats.ttest_ind(ours, theirs, equal_var=False)
    low, high = (100 * end for end in welch.confidence_interval(0.95))
    difference = 100 * (ours.mean() - theirs.mean())
    assert first[:3] == ["ResNet-18", "`image_size` 32", "3"]
    assert first[3].startswith(f"{100 * theirs.mean():.1f} ± ")
    assert first[4:6] == ["", ""]
    assert second[:3] == ["ResNet-18", "`image_size` 64", "2"]
    assert second[4].replace("−", "-") == f"{difference:+.1f} ({low:+.1f} to {high:+.1f})"
    assert float(second[5]) == pytest.approx(welch.pvalue, abs=0.005)


def test_epochs_are_those_that_all_have_and_their_time_is_a_part_of_the_training(studies):
    block = comparison_block([studies("trial"), studies("short", depths=[18], epochs=2)])

    assert "after epoch 2 of 1,293 images" in " ".join(block.split())
    first, second = cells(block)
    assert second[1] == "nothing"
    assert second[4].startswith("0.0 (")
    # The published times are of all six epochs: of two they are three times as long each.
    assert float(second[6].split()[0]) == pytest.approx(3 * float(first[6].split()[0]), rel=0.01)


def test_p_values_are_corrected_for_the_lines_of_the_table(studies):
    trial = studies("trial")
    better = studies("better", params=[LARGER], better=0.02)

    alone, together = (
        [float(row[5]) for row in cells(comparison_block(each)) if row[5]]
        for each in ([trial, better], [trial, better, studies("same")])
    )

    # By network: the better study, then the same one, whose p values are 1.
    assert together[1::2] == [1.0, 1.0, 1.0]
    assert [p > 0.01 for p in alone] == [True, True, True]
    assert all(more > p for more, p in zip(together[::2], alone, strict=True))


def test_one_seed_has_a_difference_but_no_interval(studies):
    lone = studies("lone", depths=[34], seeds=[1], better=0.1)

    (_, row) = cells(comparison_block([studies("trial"), lone]))

    assert row[2] == "1"
    assert re.fullmatch(r"\d+\.\d%", row[3])
    assert row[4].startswith("+")
    assert re.fullmatch(r"[+−]\d+\.\d", row[4])
    assert row[5] == ""


def test_another_processor_is_told_as_a_difference(studies):
    other = studies("other")
    provenance = read_json(other.folder / "provenance.json")
    provenance["machine_classes"][0]["processor"] = "Another CPU"
    write_json(other.folder / "provenance.json", provenance)

    rows = cells(comparison_block([studies("trial"), other]))

    assert [row[1] for row in rows][:2] == [
        "processor Example CPU @ 2.50GHz (family 6, model 143, step 8)",
        "processor Another CPU",
    ]
    assert [row[0] for row in rows[::2]] == ["ResNet-18", "ResNet-34", "ResNet-50"]


def test_a_time_that_others_disturbed_is_marked_and_the_mark_is_explained(studies):
    disturbed = studies("disturbed")
    costs = read_json(disturbed.folder / "costs.json")
    costs["costs"][0]["train_seconds"] = None
    write_json(disturbed.folder / "costs.json", costs)

    block = comparison_block([studies("trial"), open_study(disturbed.folder.parent, "disturbed")])

    assert [row[6].endswith(r"\*") for row in cells(block)] == [False, True] + 4 * [False]
    assert r"\* Timed while others used the machine" in block


def test_a_setting_that_an_earlier_study_lacks_is_told(studies):
    earlier = studies("earlier", params=[("    cutmix: 0 ", "    # ")])

    rows = cells(comparison_block([earlier, studies("trial")]))

    assert [row[1] for row in rows][:2] == ["`cutmix` unset", "`cutmix` 0"]


def test_recipes_of_a_study_are_compared_like_studies(tmp_path):
    folder = publish_finished(write_published_study(tmp_path, recipes=("reference", "fast")))
    study = open_study(folder.parent, "trial")

    first, second = cells(comparison_block([study, study.by("fast")]))[:2]

    assert "`optimizer` adam" in first[1]
    assert "`optimizer` muon" in second[1]
    ours, theirs = (
        each.curve(18, 6).validation_accuracy.mean() for each in (study.by("fast"), study)
    )
    assert second[4].startswith(f"{100 * (ours - theirs):+.1f} (")


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"params": [("seed: 0 ", "seed: 1 ")]}, "they kept other images for validation; allowed"),
        ({"depths": [101]}, "they have no network in common"),
        (
            {"params": [("schedule: constant", "schedule: cosine")], "epochs": 2},
            "step sizes that depend on numbers of epochs",
        ),
    ],
)
def test_what_can_not_be_compared_is_refused_by_name(studies, changed, said):
    with pytest.raises(UserError, match=f"trial and other can't be compared: .*{said}"):
        comparison_block([studies("trial"), studies("other", **changed)])


def test_studies_without_validation_images_are_refused(studies):
    trial = studies("trial")
    provenance = read_json(trial.folder / "provenance.json")
    provenance["dataset"]["counts"]["validation"] = 0
    write_json(trial.folder / "provenance.json", provenance)

    with pytest.raises(UserError, match="kept no images for validation"):
        comparison_block([open_study(trial.folder.parent, "trial"), trial])


def test_a_comparison_of_one_study_is_refused(studies):
    with pytest.raises(UserError, match="needs two or more published studies"):
        compare([studies("trial")])


def test_pooled_studies_without_predictions_have_the_mean_covariance_over_images(studies):
    first, second = studies("trial"), studies("other")
    for early in (first, second):
        shutil.rmtree(early.folder / "predictions")
    table = second.folder / "tables" / "accuracy.csv"
    accuracy = pd.read_csv(table)
    accuracy["test_accuracy"] += 0.02
    accuracy.to_csv(table, index=False)
    table = second.folder / "tables" / "image_covariance.csv"
    covariance = pd.read_csv(table)
    covariance["covariance"] *= 3
    covariance.to_csv(table, index=False)
    second = open_study(second.folder.parent, "other")

    both = pooled([first, second])

    runs = first.accuracies[18] + second.accuracies[18]
    assert both.runs[18] == runs
    assert len(runs) == 6
    assert both.image_covariance == pytest.approx(2 * first.accuracy_means.image_covariance)
    found = both.contrast({18: -1.0, 34: 1.0}, 0.95)
    alone = first.accuracy_means.contrast({18: -1.0, 34: 1.0}, 0.95)
    assert found.estimate == pytest.approx(alone.estimate)
    assert found.low < found.estimate < found.high


RECIPES = open_study(Path(__file__).parents[3] / "docs" / "results", "cifar10_jpeg_recipes")


@pytest.mark.parametrize("recipe", RECIPES.recipes)
def test_one_studys_runs_alone_give_its_own_finding_of_depth(recipe):
    alone = RECIPES.by(recipe)

    found = pooled_depths([RECIPES], recipe)

    for pair, published in zip(found.pairs, alone.claim(1)["pairs"], strict=True):
        told = asdict(pair)
        assert told | told.pop("run_by_run") == pytest.approx(published, rel=1e-9)
    assert found.verdict == alone.claim(1)["verdict"]


def test_one_studys_runs_alone_give_its_own_finding_of_recipes():
    (found,), (published,) = pooled_gains([RECIPES]), RECIPES.findings["recipes"]

    for key in ("gains", "interactions"):
        for gain, told in zip(getattr(found, key), published[key], strict=True):
            expected = told | {"depths": tuple(told["depths"])}
            assert asdict(gain) == pytest.approx(expected)


def test_twice_the_runs_give_the_same_gains_with_narrower_intervals():
    (alone,), (both,) = pooled_gains([RECIPES]), pooled_gains([RECIPES, RECIPES])

    for once, twice in zip(alone.gains, both.gains, strict=True):
        assert twice.difference == pytest.approx(once.difference)
        assert once.low < twice.low < twice.high < once.high


@pytest.mark.parametrize(
    "changed", [{"params": [LARGER]}, {"depths": [18, 34]}, {"epochs": 2}], ids=str
)
def test_studies_of_other_settings_are_not_pooled(studies, changed):
    with pytest.raises(UserError, match="trial and other can't be pooled: they differ in more"):
        pooled([studies("trial"), studies("other", **changed)])


def test_pooled_rows_are_those_of_each_studys_runs():
    curves = pooled_rows([RECIPES, RECIPES], "fast", "curves")

    own = RECIPES.by("fast").curves
    assert set(curves["recipe"]) == {"fast"}
    assert len(curves) == 2 * len(own)
    assert curves["train_loss"].mean() == pytest.approx(own["train_loss"].mean())
