"""Entries of a dvc.lock that don't agree are named, where DVC sees nothing."""

import pytest
from dvc.repo import Repo
from given.tiny_study import edit_yaml

from resnet_depth.commands.reproducing.agreement import disagreements
from resnet_depth.commands.reproducing.lock import stages_of

NETWORK = "models/tiny/reference/resnet18-seed0"
EVALUATION = "data/evaluations/tiny/reference/resnet18-seed0"
# By output, the stages that have read it; `summarize` and `report` as a part of a folder.
READERS = {
    EVALUATION: ["summarize"],
    NETWORK: ["evaluate", "export", "latency", "prune", "pruned_latency", "report", "summarize"],
    "data/pruned/tiny/levels.json": ["summarize"],
    "data/pruned/tiny/resnet18-seed0": ["pruned_latency", "summarize"],
    "data/durations/tiny/reference/resnet18-seed0.json": ["report"],
    "data/durations/tiny/resnet18-seed0-pruning.json": ["report"],
    "data/exports/tiny/reference/resnet18": ["latency", "report"],
    "data/latency/tiny/reference/resnet18.json": ["report"],
    "data/recipes/reference.json": ["prune", "report", "start", "train"],
}


@pytest.fixture(scope="module")
def clone(one_depth, tmp_path_factory):
    """A clone of a finished study: without anything that isn't in git."""
    folder = tmp_path_factory.mktemp("agreement") / "clone"
    one_depth.git("clone", "--quiet", str(one_depth.folder), str(folder))
    return folder


@pytest.fixture
def lock(clone):
    """The clone's dvc.lock, which comes back."""
    path = clone / "dvc.lock"
    text = path.read_bytes()
    yield path
    path.write_bytes(text)


@pytest.fixture(scope="module")
def repo(clone):
    with Repo(str(clone)) as repo:
        yield repo


@pytest.fixture
def read_otherwise(repo, clone):
    """Return a function that gives what stages of the study have read otherwise."""

    def found():
        names = {stage.name for stage in repo.index.stages}
        entries = stages_of(clone / "dvc.lock", "tiny")
        return disagreements(repo, {k: entry for k, entry in entries.items() if k in names})

    return found


def readers(found, path):
    """The stages that have read a path otherwise; no other path was."""
    assert {path} == {each for each, _ in found}
    return sorted(name.split("@")[0] for _, name in found)


def test_a_finished_study_agrees(read_otherwise):
    # The folders' hashes, too, are those that DVC itself made.
    assert read_otherwise() == []


@pytest.mark.parametrize("path", sorted(READERS))
def test_each_output_that_was_made_anew_without_its_readers_is_named(lock, read_otherwise, path):
    def make_anew(content):
        (out,) = (
            out
            for entry in content["stages"].values()
            for out in entry["outs"]
            if out["path"] == path
        )
        out["md5"] = "0" * 32 + out["md5"][32:]

    edit_yaml(lock, make_anew)

    assert readers(read_otherwise(), path) == READERS[path]


@pytest.mark.parametrize("stage", ["summarize", "report"])
def test_a_list_of_what_was_read_that_is_not_of_the_lock_is_no_proof(clone, read_otherwise, stage):
    path = clone / "plots" / "tiny" / f"{stage}_inputs.json"
    text = path.read_text()
    path.write_text(text.replace('"models/tiny', '"models/other', 1))

    assert readers(read_otherwise(), "models/tiny") == [stage]
    path.unlink()
    assert ("models/tiny", f"{stage}@tiny") in read_otherwise()
    path.write_text(text)
