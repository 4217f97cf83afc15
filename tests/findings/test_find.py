"""Costs and verdicts on constructed studies whose truth is known."""

import pytest
from given.study_files import write_study

from resnet_depth.base.files import read_json, write_json
from resnet_depth.evidence.costs import costs_of, write_costs
from resnet_depth.findings.find import find, write_findings
from resnet_depth.findings.settings import ClaimThresholds

RISING = {18: 0.80, 34: 0.85, 50: 0.90}
SEEDS = (0, 1, 2)
THRESHOLDS = ClaimThresholds(slower_at_first=0.01, higher_at_the_end=0.005)


def values(means, spread):
    """Three seeds around each depth's mean, the middle one on it."""
    return {(d, s): mean + (s - 1) * spread for d, mean in means.items() for s in SEEDS}


def findings_of(tmp_path, **settings):
    study = write_study(tmp_path, **settings).study_evidence()
    costs = costs_of(study.first)
    return find(study.first, costs, THRESHOLDS), costs, study


def test_clear_growth_at_every_step_is_supported(tmp_path):
    # Steps of 5 points; sd 0.2 points, so an interval of about ± 0.5 points.
    (accuracy, *_), _, _ = findings_of(tmp_path, accuracy=values(RISING, 0.002))

    assert accuracy.verdict == "supported"
    assert [step.difference for step in accuracy.evidence.steps] == pytest.approx([0.05, 0.05])
    assert "rises from 80.0% (ResNet-18) to 85.0% (ResNet-34) and 90.0% (ResNet-50)" in (
        accuracy.sentence
    )


def test_a_clear_fall_at_one_step_contradicts(tmp_path):
    fallen = {18: 0.80, 34: 0.90, 50: 0.85}
    (accuracy, *_), _, _ = findings_of(tmp_path, accuracy=values(fallen, 0.002))

    assert [step.verdict for step in accuracy.evidence.steps] == ["supported", "contradicted"]
    assert accuracy.verdict == "contradicted"
    assert accuracy.sentence.startswith("It is not true that deeper networks are more accurate")
    assert "ResNet-34 to ResNet-50" in accuracy.sentence
    assert "ResNet-18" not in accuracy.sentence


def test_growth_within_the_spread_is_undecided(tmp_path):
    (accuracy, *_), _, _ = findings_of(tmp_path, accuracy=values(RISING, 0.05))

    assert accuracy.verdict == "undecided"
    assert "with zero inside the intervals." in accuracy.sentence


def test_growth_at_one_step_only_is_undecided(tmp_path):
    flat = {18: 0.80, 34: 0.90, 50: 0.9001}
    (accuracy, *_), _, _ = findings_of(tmp_path, accuracy=values(flat, 0.002))

    assert [step.verdict for step in accuracy.evidence.steps] == ["supported", "undecided"]
    assert accuracy.verdict == "undecided"


def test_a_fall_that_correction_leaves_open_is_told_as_that(tmp_path):
    # The second step's interval lies below zero; its p of about 0.03 times 3 pairs does not.
    fallen = {18: 0.80, 34: 0.801, 50: 0.70}
    spread = {(d, s): m + (s - 1) * (0.042 if d == 50 else 0.004) for d, m in fallen.items()
              for s in SEEDS}  # fmt: skip
    (accuracy, *_), _, _ = findings_of(tmp_path, accuracy=spread)
    step = accuracy.evidence.steps[1]

    assert step.high < 0
    assert step.holm_p_value > 0.05
    assert step.runs_needed > 3
    assert accuracy.verdict == "undecided"
    assert "taken alone a fall, but undecided once p is corrected" in accuracy.sentence


def test_runs_of_accuracy_are_also_compared_without_a_distribution(tmp_path):
    # 34 is above 18 in all nine pairs of runs, 50 above 34 in eight: p 2/20 and 4/20.
    runs = {18: (0.80, 0.81, 0.82), 34: (0.85, 0.86, 0.90), 50: (0.89, 0.91, 0.92)}
    accuracy = {(d, s): value for d, values in runs.items() for s, value in enumerate(values)}
    found, _, study = findings_of(tmp_path, accuracy=accuracy)
    write_findings(tmp_path / "findings.json", study, {"reference": found}, (), (), (), {})

    first, span, second = read_json(tmp_path / "findings.json")["claims"][0]["pairs"]
    keys = ("permutation_p_value", "least_permutation_p_value", "superiority")
    assert [first[key] for key in keys] == pytest.approx([0.1, 0.1, 1])
    assert [span[key] for key in keys] == pytest.approx([0.1, 0.1, 1])
    assert [second[key] for key in keys] == pytest.approx([0.2, 0.1, 8 / 9])
    assert [second[f"{which}_median"] for which in ("first", "second")] == [0.86, 0.91]
    assert (
        "; medians 86.0% and 91.0%; permutation p = 0.2 (smallest possible: 0.1); ResNet-50 is "
        "better in 89% of all pairs of runs; " in found.accuracy.lines[2]
    )
    assert "permutation" not in "".join([*found.time.lines, *found.convergence.lines])


def test_single_runs_are_not_compared(tmp_path):
    found, _, study = findings_of(tmp_path, seeds=(0,))
    write_findings(tmp_path / "findings.json", study, {"reference": found}, (), (), (), {})

    pairs = read_json(tmp_path / "findings.json")["claims"][0]["pairs"]
    assert [pair["permutation_p_value"] for pair in pairs] == [None] * 3
    assert [pair["least_permutation_p_value"] for pair in pairs] == [None] * 3
    assert [pair["superiority"] for pair in pairs] == [None] * 3


def test_one_seed_decides_nothing(tmp_path):
    found, _, _ = findings_of(tmp_path, seeds=(0,))

    assert {finding.verdict for finding in found} == {"undecided"}
    for finding in found:
        assert "one run per depth doesn't show the spread" in finding.sentence
        assert "interval" not in finding.sentence


def test_equal_runs_of_both_depths_decide_nothing(tmp_path):
    (accuracy, *_), _, _ = findings_of(tmp_path, accuracy=values(RISING, 0.0))

    assert accuracy.verdict == "undecided"
    assert "identical" in accuracy.sentence


def test_one_depth_leaves_nothing_to_compare(tmp_path):
    found, _, _ = findings_of(tmp_path, depths=(34,))

    assert {finding.verdict for finding in found} == {"undecided"}
    assert found.accuracy.evidence.span is None
    assert "one depth was studied" in found.accuracy.sentence


def test_training_time_is_tested_in_seconds(tmp_path):
    times = values({18: 10.0, 34: 20.0, 50: 30.0}, 0.1)
    (_, time, *_), _, _ = findings_of(tmp_path, train_seconds=times)

    assert time.verdict == "supported"
    assert time.sentence.startswith(
        "Deeper networks need more training time: mean training time rises from 10.0 s"
    )


def test_shared_timings_do_not_count(tmp_path):
    # The one shared timing is absurd; the two others of its depth decide.
    times = {**values({18: 10.0, 34: 20.0, 50: 30.0}, 0.1), (18, 0): 999.0}
    (_, time, *_), costs, _ = findings_of(tmp_path, train_seconds=times, shared=[(18, 0)])

    assert time.verdict == "supported"
    assert costs[0].shared_runs == 1
    assert costs[0].train_seconds.n == 2
    assert costs[0].train_seconds.mean == pytest.approx(10.05)


@pytest.mark.parametrize("dropped", [[(18, 0), (18, 1)], [(18, 0), (18, 1), (18, 2)]])
def test_too_few_unshared_timings_decide_nothing(tmp_path, dropped):
    times = values({18: 10.0, 34: 20.0, 50: 30.0}, 0.1)
    found, _, _ = findings_of(tmp_path, train_seconds=times, shared=dropped)

    assert found.time.verdict == "undecided"
    assert [step.verdict for step in found.time.evidence.steps] == ["undecided", "supported"]
    assert found.time.sentence == (
        "Whether deeper networks need more training time is not shown: others used the machine; "
        "repeat when idle."
    )
    assert "not shown (others used the machine; repeat when idle)" in found.time.lines[0]
    assert found.time.lines[2].endswith("; supported")
    assert [finding.shown for finding in found[1:3]] == ["not shown", "not shown"]
    assert found.accuracy.shown == found.accuracy.verdict


def test_timings_of_different_machines_are_not_compared(tmp_path):
    study = write_study(tmp_path)
    path = study.durations / "reference/resnet50-seed0.json"
    write_json(path, {**read_json(path), "device": "cuda", "device_title": "Example GPU"})
    evidence = study.evidence()

    _, time, *_ = find(evidence, costs_of(evidence), THRESHOLDS)

    assert time.verdict == "undecided"
    assert "under different conditions" in time.sentence


@pytest.mark.parametrize("seed", range(6))
def test_a_sentence_never_contradicts_its_verdict(tmp_path, seed):
    means = {18: 0.9, 34: 0.9 + 0.01 * (seed - 3), 50: 0.9 + 0.004 * seed}
    (accuracy, *_), _, _ = findings_of(tmp_path, accuracy=values(means, 0.003))

    openings = {
        "supported": "Deeper networks are",
        "contradicted": "It is not true that deeper networks are",
        "undecided": "Whether deeper networks are more accurate is undecided",
    }
    assert accuracy.sentence.startswith(openings[accuracy.verdict])


def test_files_hold_one_list_with_everything_in_it(tmp_path):
    found, costs, study = findings_of(tmp_path, lossy=True)
    write_findings(tmp_path / "findings.json", study, {"reference": found}, (), (), (), {})
    write_costs(tmp_path / "costs.json", costs, study.first.card)

    claims = read_json(tmp_path / "findings.json")
    assert list(claims) == ["claims", "recipes", "times_to_reference", "starts", "pruning"]
    assert [claim["claim"] for claim in claims["claims"]] == [1, 2, 3, 4]
    assert all(claim["lossy"] and claim["confidence"] == 0.95 for claim in claims["claims"])
    written = read_json(tmp_path / "costs.json")
    assert list(written) == ["machine_classes", "costs"]
    assert [cost["depth"] for cost in written["costs"]] == [18, 34, 50]
    assert written["costs"][0]["train_seconds"]["n"] == 3
    assert written["costs"][0]["latency"]["conditions"]["packages"]["torch"] == "2.14.1+cpu"
