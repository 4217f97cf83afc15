"""A dataset joins the study by one line of params.yaml, or by none and a clear refusal."""

import re
import shutil
from pathlib import Path

import pytest

from resnet_depth.base.errors import UserError
from resnet_depth.base.sections import read_params
from resnet_depth.commands.studying.join import join

SHIPPED = Path(__file__).parents[3] / "params.yaml"
BY_HAND = """\
  datasets:  # mine
      - "digits"   # always
      # what comes next is of recipes
"""


@pytest.fixture
def params(tmp_path):
    """Return a function that copies params.yaml, its list of datasets as someone else wrote it."""

    def write(as_written=None):
        path = Path(shutil.copy(SHIPPED, tmp_path))
        text = path.read_text(encoding="utf-8")
        if as_written is not None:
            text = re.sub(r"  datasets: .*\n  - digits\n", as_written, text)
        path.write_text(text, encoding="utf-8")
        return path

    return write


def lines(path):
    return path.read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize(
    ("as_written", "added"), [(None, "  - cifar10"), (BY_HAND, "      - cifar10")]
)
def test_a_dataset_joins_by_one_line_in_whatever_form_the_file_is(params, as_written, added):
    path = params(as_written)
    before = lines(path)

    assert join(path, "cifar10")

    after = lines(path)
    after.remove(added)
    assert after == before
    assert read_params(path)["study"]["datasets"] == ["digits", "cifar10"]


def test_a_dataset_that_belongs_to_the_study_changes_nothing(params):
    path = params()
    written = path.stat().st_mtime_ns

    assert not join(path, "digits")
    assert path.stat().st_mtime_ns == written


@pytest.mark.parametrize(
    ("as_written", "key", "message"),
    [
        (None, "mnist", "datasets has no mnist; it has digits, cifar10, cifar10_jpeg; describe"),
        ("  datasets: [digits]\n", "cifar10", "add '- cifar10' to study.datasets there"),
        ("  datasets: [digit]\n", "cifar10", "study.datasets has 'digit'; allowed: digits, cif"),
    ],
)
def test_what_can_not_join_is_refused_and_the_file_stays(params, as_written, key, message):
    path = params(as_written)
    before = path.read_bytes()

    with pytest.raises(UserError, match=r"params\.yaml: ") as refused:
        join(path, key)

    assert message in str(refused.value)
    assert path.read_bytes() == before
