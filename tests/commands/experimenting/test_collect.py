"""Experiments of real DVC on a small graph: what each trained, from DVC's cache alone."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from given.git import IDENTITY, git

from resnet_depth.base.errors import UserError
from resnet_depth.commands.experimenting.collect import collect

# Trains two seeds and tests them; accuracy is the rate, so that it tells which one was used.
TRAIN = """
import json, sys
from pathlib import Path

seed = sys.argv[1]
run = f"digits/reference/resnet18-seed{seed}"
rate = float(Path("params.yaml").read_text().split("lr: ")[1])
reached = rate + int(seed) / 100
files = {
    f"models/{run}/train.json": json.dumps({"parameters": 11_000_000}),
    f"models/{run}/curves.csv": f"epoch,validation_accuracy\\n1,0.1\\n2,{reached}\\n",
    f"data/durations/{run}.json": json.dumps({"train_seconds": 100 * rate}),
}
for path, text in files.items():
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_text(text)
"""
TEST = """
import json, sys
from pathlib import Path

folder = Path(f"data/evaluations/digits/reference/resnet18-seed{sys.argv[1]}")
folder.mkdir(parents=True)
rate = float(Path("params.yaml").read_text().split("lr: ")[1])
(folder / "metrics.json").write_text(json.dumps({"test_accuracy": rate / 2}))
"""
GRAPH = """
stages:
  train:
    matrix: {seed: [0, 1]}
    cmd: python train.py ${item.seed}
    params: [lr]
    outs:
      - models/digits/reference/resnet18-seed${item.seed}
      - data/durations/digits/reference/resnet18-seed${item.seed}.json
  evaluate:
    matrix: {seed: [0, 1]}
    cmd: python test.py ${item.seed}
    params: [lr]
    deps: ["models/digits/reference/resnet18-seed${item.seed}"]
    outs: ["data/evaluations/digits/reference/resnet18-seed${item.seed}"]
"""


@pytest.fixture(scope="module")
def repository(tmp_path_factory):
    """A repository with a whole experiment, one of a single training, and one that waits."""
    root = tmp_path_factory.mktemp("experiments") / "a repository"
    root.mkdir()
    for name, text in (
        *(
            ("train.py", TRAIN),
            ("test.py", TEST),
            ("dvc.yaml", GRAPH),
            ("params.yaml", "lr: 0.5\n"),
        ),
        (".gitignore", "/models/\n/data/\n"),
    ):
        (root / name).write_text(text)
    git(root, "init", "--quiet", "--initial-branch=main")
    dvc(root, "init", "--quiet")
    dvc(root, "repro", "--quiet")
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message", "First")
    dvc(root, "exp", "run", "--temp", "--quiet", "--name", "whole", "-S", "lr=0.6")
    dvc(root, "exp", "run", "--temp", "--quiet", "--name", "one", "-S", "lr=0.7", "train@1")
    dvc(root, "exp", "run", "--queue", "--quiet", "--name", "later", "-S", "lr=0.8")
    (root / "more").write_text("")
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message", "Second")
    return root


@pytest.fixture(scope="module")
def experiments(repository):
    return {one.name.split()[0] + one.state: one for one in collect(repository)}


def dvc(root, *arguments):
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    command = [sys.executable, "-m", "dvc", *arguments]
    subprocess.run(command, cwd=root, env=os.environ | IDENTITY | {"PATH": path}, check=True)


def test_experiments_of_all_commits_are_there_beneath_theirs_and_head_comes_first(experiments):
    head, commit, *others = experiments.values()

    assert head.is_commit
    assert commit.is_commit
    assert {one.name for one in others} == {"whole", "one", "later"}
    assert not any(one.is_commit for one in others)


def test_what_an_experiment_changed_is_told_and_that_it_waits(experiments):
    assert experiments["whole"].changes == ["lr 0.5 → 0.6"]
    assert experiments["laterqueued"].changes == ["lr 0.5 → 0.8"]
    assert experiments["laterqueued"].networks == {}


def test_a_network_has_a_value_a_seed_of_all_that_was_computed(experiments):
    (network,) = experiments["whole"].networks.items()

    name, reached = network
    assert name == "digits-reference-18"
    assert (reached.seeds, reached.parameters) == (2, 11_000_000)
    assert reached.validation == pytest.approx([0.6, 0.61])
    assert reached.test == pytest.approx([0.3, 0.3])
    assert reached.seconds == pytest.approx([60, 60])


def test_of_a_network_that_was_only_trained_no_earlier_test_is_told(experiments):
    (reached,) = experiments["one"].networks.values()

    assert (reached.seeds, reached.test) == (1, [])
    assert reached.validation == pytest.approx([0.71])


def test_a_commit_has_its_own_networks(experiments):
    (reached,) = next(iter(experiments.values())).networks.values()

    assert reached.seeds == 2
    assert reached.test == pytest.approx([0.25, 0.25])


def test_a_damaged_file_of_the_cache_is_named_with_what_to_do(repository):
    (durations,) = {
        path
        for path in (repository / ".dvc" / "cache" / "files" / "md5").glob("*/*")
        if path.read_bytes() == b'{"train_seconds": 60.0}'
    }
    whole = durations.read_bytes()
    durations.chmod(0o644)
    durations.write_bytes(whole[:-2])

    with pytest.raises(UserError) as refused:
        collect(repository)

    durations.write_bytes(whole)
    assert str(refused.value).startswith(f"{durations}: damaged: ")
    assert "remove the file" in str(refused.value)
