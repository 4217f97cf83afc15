"""Which runs get which test images right: compared, and refused where they saw other images."""

import numpy as np
import pytest
from given.study_files import write_study

from resnet_depth.evidence.paired_tests import covariance_table, mcnemar_table
from resnet_depth.runs.names import Run


def test_mcnemar_counts_the_images_that_one_network_alone_gets_right():
    correct = {
        Run("reference", 18, 0): np.array([1, 1, 0, 0, 0, 0], bool),
        Run("reference", 34, 0): np.array([0, 1, 1, 1, 1, 0], bool),
        Run("reference", 34, 1): np.array([1, 1, 1, 1, 1, 1], bool),
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
