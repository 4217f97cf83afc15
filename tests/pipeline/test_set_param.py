"""`dvc exp run -S` edits params.yaml by this function of DVC: one line, and every comment stays."""

import difflib
import re
import shutil
from pathlib import Path

import pytest
from dvc.utils.hydra import apply_overrides

from resnet_depth.base.sections import read_params

SHIPPED = Path(__file__).parents[2] / "params.yaml"


@pytest.fixture
def params(tmp_path):
    return Path(shutil.copy(SHIPPED, tmp_path))


def values(content, path=()):
    """Every value that is no section, by its dotted key."""
    for key, value in content.items():
        if isinstance(value, dict) and value:
            yield from values(value, (*path, key))
        elif not isinstance(value, dict):
            yield ".".join([*path, key]), value


def another(value):
    """A value of the same kind, as it is typed and as it is read."""
    if isinstance(value, bool):
        return str(not value).lower(), not value
    if isinstance(value, list):
        return str([*value, 7]), [*value, 7]
    if isinstance(value, str):
        return "another", "another"
    return str(value + 0.5), value + 0.5


def comments(path):
    return re.findall(r"(?:^|(?<=\s))#.*", path.read_text(encoding="utf-8"), re.MULTILINE)


def changes(path):
    was, now = (each.read_text(encoding="utf-8").splitlines() for each in (SHIPPED, path))
    lines = list(difflib.unified_diff(was, now, n=0, lineterm=""))[2:]
    return [" ".join(line.split()) for line in lines if not line.startswith("@@")]


def test_a_value_that_is_what_it_was_changes_nothing(params):
    apply_overrides(params, ["recipes.reference.lr=0.001"])

    assert params.read_bytes() == SHIPPED.read_bytes()


@pytest.mark.parametrize(
    ("override", "expected"),
    [
        (
            "recipes.reference.lr=0.0003",
            [
                "- lr: 0.001 # the largest step size; Adam's usual value",
                "+ lr: 0.0003 # the largest step size; Adam's usual value",
            ],
        ),
        ("recipes.fast.flip=random", ["- flip: alternating", "+ flip: random"]),
        ("study.seeds=[0,1,2,3]", ["+ - 3"]),
        ("study.datasets=[digits,cifar10]", ["+ - cifar10"]),
        ("prune.inner.random=[0.7]", ["- - 0.5", "+ - 0.7"]),
        ("++recipes.fast.ema=0.99", ["+ ema: 0.99"]),
    ],
)
def test_a_changed_value_changes_its_own_line_alone(params, override, expected):
    apply_overrides(params, [override])

    assert changes(params) == expected


def test_all_values_changed_at_once_keep_every_comment(params):
    wanted = {key: another(value) for key, value in values(read_params(SHIPPED))}

    apply_overrides(params, [f"{key}={typed}" for key, (typed, _) in wanted.items()])

    assert dict(values(read_params(params))) == {key: read for key, (_, read) in wanted.items()}
    assert comments(params) == comments(SHIPPED)
    assert len(comments(params)) > 100
