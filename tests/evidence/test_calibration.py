"""Calibration: confidence and accuracy, bin by bin."""

import pytest
from given.stage_files import BINS
from given.study_files import write_study
from given.two_classes import predictions

from resnet_depth.evaluation.metrics import expected_calibration_error
from resnet_depth.evidence.calibration import overconfidence, pooled_bins, reliability_table
from resnet_depth.evidence.predictions import read_predictions
from resnet_depth.runs.names import Run


def test_the_bins_hold_every_image_and_give_the_calibration_error_of_the_metrics(tmp_path):
    study = write_study(tmp_path, depths=(18,), seeds=(0, 1))
    path = study.evaluations / "reference/resnet18-seed1" / "predictions.csv"
    found = read_predictions(path, 10, 360, "evaluate@digits-reference-18-1")

    table = reliability_table({Run("reference", 18, 1): found}, BINS)

    assert table["images"].sum() == 360
    gaps = (table["accuracy"] - table["confidence"]).abs() * table["images"]
    assert gaps.sum() / 360 == pytest.approx(
        expected_calibration_error(found.probabilities, found.labels, bins=BINS)
    )
    assert gaps.sum() / 360 == pytest.approx(
        study.evidence().accuracy["expected_calibration_error"][1]
    )


def test_bins_over_seeds_match_a_case_worked_by_hand():
    # Confidences .6 (right) and .8 (wrong); then .9 (right). Bins: up to .5, and above.
    runs = {
        Run("reference", 18, 0): predictions([1, 0], [0.6, 0.8]),
        Run("reference", 18, 1): predictions([0], [0.1]),
    }
    table = reliability_table(runs, 2)

    (row,) = pooled_bins(table).reset_index().to_dict("records")
    assert table["images"].tolist() == [0, 2, 0, 1]
    assert row == {
        **{"bin": 1, "images": 3, "confidence": pytest.approx(2.3 / 3)},
        **{"accuracy": pytest.approx(2 / 3), "least": 0.5, "most": 1.0},
    }
    assert overconfidence(table) == pytest.approx((2.3 - 2) / 3)
