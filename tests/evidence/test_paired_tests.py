"""Which runs get which test images right: compared, and refused where they saw other images."""

import numpy as np
import pytest
from given.study_files import write_study

from resnet_depth.base.errors import UserError
from resnet_depth.evidence.paired_tests import covariance_table, mcnemar_table
from resnet_depth.runs.names import Run


def test_mcnemar_counts_the_images_that_one_network_alone_gets_right():
    correct = {
        Run(18, 0): np.array([1, 1, 0, 0, 0, 0], bool),
        Run(34, 0): np.array([0, 1, 1, 1, 1, 0], bool),
        Run(34, 1): np.array([1, 1, 1, 1, 1, 1], bool),
    }

    table = mcnemar_table(correct)

    # Seed 1 has no ResNet-18 to compare with.
    assert table[["first", "second", "seed"]].to_numpy().tolist() == [[18, 34, 0]]
    assert table[["images", "first_only", "second_only"]].to_numpy().tolist() == [[6, 1, 3]]
    assert table["p_value"].tolist() == pytest.approx([2 * (1 + 4) / 16])


def test_the_covariance_has_a_row_for_every_pair_of_depths(tmp_path):
    _, results = write_study(tmp_path).results()

    table = covariance_table({result.run: result.predictions.right for result in results})

    square = table.pivot(index="first", columns="second", values="covariance").to_numpy()
    assert square.shape == (3, 3)
    assert square == pytest.approx(square.T)
    assert set(table["images"]) == {360}


def test_runs_tested_on_other_images_are_refused(tmp_path):
    study = write_study(tmp_path)
    path = study.evaluations / "resnet34-seed1" / "predictions.csv"
    lines = path.read_text().splitlines()
    # The first two images' classes, 0 and 1, in exchange.
    exchanged = [lines[1].replace("0,0,", "0,1,", 1), lines[2].replace("1,1,", "1,0,", 1)]
    path.write_text("\n".join([lines[0], *exchanged, *lines[3:]]))

    with pytest.raises(UserError, match=r"other images.*dvc repro evaluate@digits-34-1"):
        study.results()
    path.write_text("\n".join([lines[0], *lines[2:]]))
    with pytest.raises(UserError, match=r"359 images.*dvc repro evaluate@digits-34-1"):
        study.results()
