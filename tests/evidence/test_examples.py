"""Which images are shown as examples, and how."""

import pytest
from given.study_files import write_study
from given.two_classes import NAMES, predictions

from resnet_depth.base.errors import UserError
from resnet_depth.evidence.examples import examples_table, read_pictures
from resnet_depth.runs.names import Run


def shown(table, group):
    """Return the indices of a group's images in their order."""
    return table[table["group"] == group].drop_duplicates("rank")["index"].tolist()


def test_images_that_all_get_wrong_come_by_how_sure_the_networks_were():
    # All four are cats. Image 1 is right in one run; 0 is the least sure, 3 as sure as 2.
    runs = {
        Run("reference", 18, 0): predictions([0] * 4, [0.6, 0.9, 0.75, 0.875]),
        Run("reference", 34, 0): predictions([0] * 4, [0.6, 0.2, 0.875, 0.75]),
    }
    table = examples_table(runs, NAMES)

    assert shown(table, "all_wrong") == [2, 3, 0]
    first = table[table["index"] == 2].to_dict("records")
    assert [row["depth"] for row in first] == [18, 34]
    assert first[0] == {
        **{
            "recipe": "reference",
            "group": "all_wrong",
            "found": 3,
            "rank": 1,
            "index": 2,
            "actual": "cat",
            "depth": 18,
        },
        **{"said": "dog", "agreeing": 1, "seeds": 1, "probability": 0.75},
    }


def test_images_that_only_the_deepest_gets_right_need_most_of_its_seeds_and_no_other_run():
    # All are cats. Of the deepest, 0: 3 of 3 seeds, 1: 2 of 3, 2: 1 of 3; 3: the shallower too.
    runs = {
        Run("reference", 18, 0): predictions([0] * 4, [0.9, 0.9, 0.9, 0.1]),
        Run("reference", 34, 0): predictions([0] * 4, [0.4, 0.1, 0.1, 0.1]),
        Run("reference", 34, 1): predictions([0] * 4, [0.4, 0.1, 0.9, 0.1]),
        Run("reference", 34, 2): predictions([0] * 4, [0.4, 0.9, 0.9, 0.1]),
    }
    table = examples_table(runs, NAMES)

    assert shown(table, "only_deepest") == [0, 1]
    assert "mainly_deepest" not in set(table["group"])


def test_where_no_image_meets_a_rule_the_weaker_one_holds():
    # All are cats. 0: wrong in two of three runs. 1: wrong in the shallower's first seed alone.
    runs = {
        Run("reference", 18, 0): predictions([0] * 2, [0.9, 0.9]),
        Run("reference", 18, 1): predictions([0] * 2, [0.9, 0.1]),
        Run("reference", 34, 0): predictions([0] * 2, [0.1, 0.1]),
    }
    only = examples_table(runs, NAMES)
    fewer = examples_table(
        {**runs, Run("reference", 18, 2): predictions([0] * 2, [0.4, 0.1])}, NAMES
    )

    assert shown(only, "most_wrong") == [0]
    assert shown(only, "only_deepest") == [0]
    assert shown(fewer, "mainly_deepest") == [0]


def test_the_deepest_of_one_depth_has_no_examples():
    table = examples_table({Run("reference", 18, 0): predictions([0, 0], [0.1, 0.9])}, NAMES)

    assert set(table["group"]) == {"all_wrong"}


def test_test_images_that_are_missing_or_too_few_are_named(tmp_path):
    images = write_study(tmp_path, depths=(18,), seeds=(0,)).sources.images

    assert read_pictures(images, [3, 3])[3].shape == (32, 32, 3)
    with pytest.raises(UserError, match=r"of another test; repeat 'dvc repro prepare@digits'"):
        read_pictures(images, [360])
    images.unlink()
    with pytest.raises(UserError, match="missing; 'dvc repro prepare@digits' makes it"):
        read_pictures(images, [0])
