"""What members that left the study have left behind is removed."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from given.tiny_study import edit_yaml
from ruamel.yaml import YAML

from resnet_depth.commands.reproducing.tidy import _remove_free_locks, tidy

ROOT = Path(__file__).parents[3]
RECIPES = ("reference", "former")


def outputs(recipe):
    """The outputs of a recipe's stages, by instance."""
    run = f"digits/{recipe}/resnet18-seed0"
    return {
        f"recipe@{recipe}": [f"data/recipes/{recipe}.json"],
        f"train@digits-{recipe}-18-0": [f"models/{run}", f"data/durations/{run}.json"],
        f"evaluate@digits-{recipe}-18-0": [f"data/evaluations/{run}"],
        f"latency@digits-{recipe}-18": [f"data/latency/digits/{recipe}/resnet18.json"],
    }


@pytest.fixture
def root(tmp_path):
    """A repository with the project's graph and the outputs of a recipe that left the study."""
    for name in ("dvc.yaml", "params.yaml"):
        shutil.copy(ROOT / name, tmp_path / name)
    members = {"datasets": ["digits"], "recipes": ["reference"], "depths": [18], "seeds": [0]}
    edit_yaml(tmp_path / "params.yaml", lambda params: params["study"].update(members))
    init = [sys.executable, "-m", "dvc", "init", "--quiet", "--no-scm"]
    subprocess.run(init, cwd=tmp_path, check=True)
    stages = {}
    for recipe in RECIPES:
        for name, paths in outputs(recipe).items():
            stages[name] = {
                "cmd": "true",
                "outs": [{"path": path, "md5": "0" * 32, "size": 1} for path in paths],
            }
            for path in paths:
                target = tmp_path / path / ("" if path.endswith(".json") else "file")
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_text(name)
    with (tmp_path / "dvc.lock").open("w") as file:
        YAML().dump({"schema": "2.0", "stages": stages}, file)
    return tmp_path


def test_a_recipe_that_left_is_removed_whole_and_the_others_stay(root):
    gone, kept = outputs("former"), outputs("reference")

    removed = tidy(root)

    assert set(removed) == {*gone, *(path for paths in gone.values() for path in paths)}
    assert list(YAML().load(root / "dvc.lock")["stages"]) == list(kept)
    assert all((root / path).exists() for paths in kept.values() for path in paths)
    # Nor are its folders left.
    assert not [path for path in root.rglob("*") if "former" in path.name]
    assert tidy(root) == []


def test_folders_of_checkpoints_that_hold_nothing_are_removed(tmp_path):
    for name in ("digits/resnet18-seed0", "digits/fast/resnet18-seed0", "mine/fast/resnet34-seed1"):
        lock = tmp_path / f"{name}.lock"
        lock.parent.mkdir(parents=True, exist_ok=True)
        lock.touch()

    _remove_free_locks(tmp_path)

    assert not list(tmp_path.rglob("*.lock"))
    assert not (tmp_path / "digits/fast").exists()
