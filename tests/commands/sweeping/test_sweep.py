"""A sweep is judged by validation accuracy: it trains, and never tests."""

import ast
import os
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from resnet_depth.base.errors import UserError
from resnet_depth.commands.sweeping import sweep as sweeping
from resnet_depth.commands.sweeping.sweep import Sweep, check, draw, read_curves, run, table
from resnet_depth.runs.names import Run

ROOT = Path(__file__).parents[3]
LR = Sweep("digits", Run("reference", 18, 0), "lr", ("0.001", "0.01"))
CURVES = {
    value: pd.DataFrame({"epoch": [1, 2], "validation_accuracy": [0.1, last], "validation_loss": 1})
    for value, last in (("0.001", 0.6), ("0.01", 0.7))
}


def test_its_target_is_a_training():
    assert LR.target == "train@digits-reference-18-0"


def test_nothing_that_tests_is_within_its_reach():
    names = {
        node.module
        for node in ast.walk(ast.parse(Path(sweeping.__file__).read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom)
    }

    assert not [name for name in names if "evaluation" in name or "results" in name]
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    recipe = makefile[makefile.index("\nsweep:") : makefile.index("\nbench:")]
    assert "evaluate" not in recipe
    assert "report@" not in recipe


def test_the_table_begins_with_the_best_and_says_what_one_seed_is():
    lines = table(LR, CURVES).splitlines()

    assert (
        lines[0] == "ResNet-18 by reference on digits, seed 0: validation part after the last epoch"
    )
    assert [line.split()[:2] for line in lines[3:5]] == [["0.01", "70.0%"], ["0.001", "60.0%"]]
    assert "One seed" in lines[-1]


def test_the_figure_shows_every_value(tmp_path):
    draw(LR, CURVES, tmp_path / "sweep")

    svg = (tmp_path / "sweep.svg").read_text(encoding="utf-8")
    assert all(f">{value}<" in svg for value in LR.values)


@pytest.mark.parametrize(
    ("sweep", "message"),
    [
        (Sweep("mnist", LR.run, "lr", ("1",)), "study.datasets lacks mnist"),
        (Sweep("digits", Run("slow", 18, 0), "lr", ("1",)), "study.recipes lacks slow"),
        (Sweep("digits", LR.run, "speed", ("1",)), "KEY=speed: no key of a recipe; allowed: stem"),
        (Sweep("digits", Run("reference", 19, 0), "lr", ("1",)), "study.depths lacks 19"),
        (Sweep("digits", Run("reference", 18, 9), "lr", ("1",)), "study.seeds lacks 9"),
        (Sweep("digits", LR.run, "lr", ()), "VALUES: name at least one"),
        *(
            (Sweep("digits", LR.run, "lr", ("0.001", value)), "VALUES has .*; allowed: numbers and")
            for value in (
                "a b",
                "$(id)",
                "${oc.env:HOME}",
                "../x",
                "'1'",
                "[1]",
                "1;id",
                "2020-13-45",
            )
        ),
        *(
            (replace(LR, values=("0.1", value)), "VALUES has .*; allowed: numbers and words")
            for value in ("a b", "$(id)", "${oc.env:X}", "../x", "'1'", "[1]", "1;id", "2020-13-45")
        ),
        *(
            (replace(LR, values=("0.1", value)), "VALUES: recipes.reference.lr is .*; allowed: a ")
            for value in ("-1", "1e9", "NaN", "nan", "true", "fast", "0")
        ),
        (Sweep("digits", LR.run, "schedule", ("x",)), "VALUES: recipes.reference.schedule is 'x'"),
    ],
)
def test_what_is_not_there_is_refused(sweep, message):
    with pytest.raises(UserError, match=message) as caught:
        check(ROOT, sweep)
    assert "\n" not in str(caught.value)


def test_each_value_is_an_experiment_of_dvc(one_depth, tmp_path, monkeypatch):
    study = one_depth.copy(tmp_path)
    monkeypatch.setattr(os, "environ", study.environment())
    sweep = Sweep("tiny", Run("reference", 18, 0), "lr", ("0.002",))
    check(study.folder, sweep)

    run(study.folder, sweep)

    assert read_curves(study.folder, sweep)["0.002"]["learning_rate_begin"].tolist() == [0.002]
    assert "lr: 0.001" in (study.folder / "params.yaml").read_text()
    with pytest.raises(UserError, match="experiment reference-lr-3: left no curves"):
        read_curves(study.folder, Sweep("tiny", sweep.run, "lr", ("3",)))
