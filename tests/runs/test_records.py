"""Records: written and read through one class, refused where they aren't what it says."""

import pytest

from resnet_depth.base.errors import UserError
from resnet_depth.runs.records import Record, read_record, write_record


class Length(Record):
    metres: float


def test_a_record_comes_back_as_it_was_written(tmp_path):
    write_record(tmp_path / "length.json", Length(metres=0.1))

    assert read_record(tmp_path / "length.json", Length, "measure") == Length(metres=0.1)


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        ("{", "no valid JSON"),
        ("{}", "metres: Field required"),
        ('{"metres": 1, "feet": 3}', "feet: Extra inputs are not permitted"),
        ('{"metres": NaN}', "metres: Input should be a finite number"),
    ],
)
def test_a_record_that_is_none_is_refused_with_the_way_on(tmp_path, content, fault):
    (tmp_path / "length.json").write_text(content)

    with pytest.raises(UserError, match=rf"length.json: {fault}.*repeat 'dvc repro measure'"):
        read_record(tmp_path / "length.json", Length, "measure")


def test_a_missing_record_is_named_with_what_makes_it(tmp_path):
    with pytest.raises(UserError, match=r"length\.json: missing; 'dvc repro measure' makes it"):
        read_record(tmp_path / "length.json", Length, "measure")
