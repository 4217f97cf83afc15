"""Predictions of single images: refused where they are of others."""

import pytest
from given.study_files import write_study

from resnet_depth.base.errors import UserError
from resnet_depth.evidence.predictions import read_predictions


def test_predictions_of_other_images_are_refused(tmp_path):
    study = write_study(tmp_path, depths=(18,), seeds=(0,))
    path = study.evaluations / "reference/resnet18-seed0" / "predictions.csv"

    with pytest.raises(UserError, match="of 360 images; the dataset has 359"):
        read_predictions(path, 10, 359, "evaluate@digits-reference-18-0")
    with pytest.raises(UserError, match="lacks the column probability_10"):
        read_predictions(path, 11, 360, "evaluate@digits-reference-18-0")
