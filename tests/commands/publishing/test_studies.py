"""Studies beside each other: what a changed setting did, with an interval, or why not."""

import re
from pathlib import Path

import pandas as pd
import pytest
from given.published_study import publish_finished, write_published_study
from scipy import stats

from resnet_depth.base.errors import UserError
from resnet_depth.base.files import read_json, write_json
from resnet_depth.commands.publishing.rendering import environment
from resnet_depth.commands.publishing.studies import compare
from resnet_depth.commands.publishing.study import open_study

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
