"""The table of results: worked by hand, as plain text, and what stands below it."""

import pytest
from given.study_files import write_study

from resnet_depth.base.files import read_json, write_json
from resnet_depth.evidence.costs import costs_of
from resnet_depth.report.results_table import as_text, measured_on, results_table


def plain_table(tmp_path, **settings):
    evidence = write_study(tmp_path, **settings).study_evidence()
    costs = costs_of(evidence.first)
    return as_text(results_table(evidence, costs), measured_on(costs))


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"seeds": (0,)},
        {"depths": (18, 34, 50, 101, 152)},
        {"train_seconds": {(18, s): 86_400.0 * 9 for s in (0, 1, 2)}},
        {"shared": [(d, s) for d in (18, 34, 50) for s in (0, 1, 2)]},
    ],
)
def test_the_plain_table_fits_100_columns(tmp_path, settings):
    lines = plain_table(tmp_path, **settings).splitlines()

    assert max(map(len, lines)) <= 100
    assert any(line.startswith("ResNet-18") for line in lines)


def test_the_plain_table_says_of_what_its_numbers_are(tmp_path):
    text = " ".join(plain_table(tmp_path, lossy=True).split())

    assert text.startswith("Constructed digits (lossy):")
    assert "360 test images; mean over seeds ± half of its 95% interval" in text
    assert (
        "Example CPU @ 2.50GHz (family 6, model 143, step 8), 2 CPU threads of 2, float32" in text
    )
    assert "torch 2.14.1+cpu" in text


def test_the_table_matches_a_case_worked_by_hand(tmp_path):
    # Accuracies 0.89 0.90 0.91: 90 ± 2.48 (see test_statistics). Times 10, 11, 12 s: 11 ± 2.48.
    evidence = write_study(
        tmp_path,
        depths=(18,),
        accuracy={(18, s): 0.89 + 0.01 * s for s in range(3)},
        train_seconds={(18, s): 10.0 + s for s in range(3)},
    ).study_evidence()

    (row,) = results_table(evidence, costs_of(evidence.first)).rows

    assert row[:4] == ("ResNet-18", "3", "90.0 ± 2.5%", "11.2 M")
    assert row[4:7] == ("5.59 M", "37.1 M", "11.0 ± 2.5 s")


def test_means_of_one_seed_stand_alone_and_the_table_says_so(tmp_path):
    evidence = write_study(tmp_path, seeds=(0,)).study_evidence()
    table = results_table(evidence, costs_of(evidence.first))

    text = as_text(table, [])
    assert "±" not in text
    assert "–" not in text
    assert "One seed per depth: there is no interval, and nothing can be decided." in text


def test_an_interval_that_100_percent_cuts_off_is_told_by_its_ends(tmp_path):
    # Means 0.8 and 0.97; standard deviations 0.01 and 0.02, so half widths 0.025 and 0.050.
    runs = {18: (0.79, 0.80, 0.81), 34: (0.95, 0.97, 0.99)}
    accuracy = {(d, s): value for d, values in runs.items() for s, value in enumerate(values)}
    evidence = write_study(tmp_path, depths=(18, 34), accuracy=accuracy).study_evidence()
    table = results_table(evidence, costs_of(evidence.first))

    assert [row[2] for row in table.rows] == ["80.0 ± 2.5%", "97.0% (92.0–100)"]
    assert "its ends in brackets where they are cut off at 0 or 100%" in table.subtitle


def test_shared_timings_are_marked_and_counted(tmp_path):
    shared = [(18, 0), (34, 0), (34, 1), (34, 2)]
    evidence = write_study(tmp_path, shared=shared).study_evidence()
    table = results_table(evidence, costs_of(evidence.first))

    assert [row[6].endswith("*") for row in table.rows] == [False, True, False]
    assert table.notes[0] == (
        "Trainings left out because others used the machine: 1 of 3 of ResNet-18 and 3 of 3 of "
        "ResNet-34. Where none is left, the mean of all is shown, marked *."
    )


def test_clocks_read_under_different_conditions_are_told_apart(tmp_path):
    study = write_study(tmp_path)
    path = study.latency / "reference/resnet18.json"
    write_json(path, {**read_json(path), "device": "cuda", "device_title": "Example GPU"})

    sentences = measured_on(costs_of(study.evidence()))

    assert len(sentences) == 2
    assert sentences[1].startswith("Inference was timed on Example GPU (host: Example CPU")


def test_accuracy_with_mirror_images_too_stands_below_where_it_was_evaluated(tmp_path):
    study = write_study(tmp_path, depths=(18,), recipes=("reference", "fast"))
    for seed in study.seeds:
        path = study.evaluations / f"fast/resnet18-seed{seed}" / "metrics.json"
        write_json(path, {**read_json(path), "mirrored_test_accuracy": 0.93 + 0.01 * seed})
    evidence = study.study_evidence()
    costs = [cost for own in evidence.by_recipe.values() for cost in costs_of(own)]

    notes = results_table(evidence, costs).notes

    assert notes[0] == (
        "Test accuracy by fast where each image and its mirror image are judged together: "
        "ResNet-18 94.0 ± 2.5%."
    )
    assert not any("mirror" in note for note in notes[1:])


@pytest.mark.parametrize("second", ["fast", "started_100"])
def test_recipes_stand_beside_each_other_in_lines_of_100_columns(tmp_path, second):
    study = write_study(tmp_path, recipes=("reference", second)).study_evidence()
    costs = [cost for own in study.by_recipe.values() for cost in costs_of(own)]

    table = results_table(study, costs)

    assert [row[:2] for row in table.rows] == [
        (f"ResNet-{depth}", recipe) for recipe in ("reference", second) for depth in (18, 34, 50)
    ]
    assert "mean over 3 seeds" in table.subtitle
    assert max(map(len, as_text(table, measured_on(costs)).splitlines())) <= 100
