"""A study is found by its name, wherever it is, and nothing is checked out for it."""

import shutil

import pytest
from given.git import git
from given.two_studies import write_two_studies

from resnet_depth.base.errors import UserError
from resnet_depth.commands.comparing.sides import open_sides


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    return write_two_studies(tmp_path_factory.mktemp("sides") / "repository")


@pytest.mark.parametrize("name", ["first", "before", "docs/results/first/"])
def test_a_publication_and_a_revision_are_the_same_study(root, tmp_path, name):
    first, second = open_sides(root, (name, "workspace"), "", tmp_path)

    assert first.name in ("first", "before")
    assert first.commit == git(root, "rev-parse", "before" if name == "before" else "before~1")
    assert first.known
    assert first.missing == first.stale == ()
    assert first.study.accuracies[18] == pytest.approx([0.80, 0.81, 0.82])
    assert first.study.settings(18)["lr"] == 0.001
    assert first.study.cost(18)["parameters"] == 11_181_642
    assert (first.study.folder / "figures" / "training_time.svg").is_file()
    assert second.commit is None
    assert second.study.accuracies[18] == pytest.approx([0.90, 0.91, 0.92])
    assert second.study.settings(18)["lr"] == 0.0003
    assert git(root, "status", "--porcelain") == ""


@pytest.mark.parametrize("name", ["first", "docs/results/earlier/first"])
def test_a_superseded_publication_is_found_by_its_name_too(root, tmp_path, name):
    results = tmp_path / "docs" / "results"
    shutil.copytree(root / "docs" / "results" / "second", results / "second")
    shutil.copytree(root / "docs" / "results" / "first", results / "earlier" / "first")

    first, second = open_sides(tmp_path, (name, "second"), "", tmp_path / "laid_out")

    assert (first.study.place, second.study.place) == ("earlier/first", "second")


def test_predictions_are_read_where_they_are_kept(root, tmp_path):
    sides = (
        *open_sides(root, ("first", "second"), "", tmp_path / "published"),
        *open_sides(root, ("before", "."), "", tmp_path / "kept"),
    )

    for side in sides:
        right = side.study.right(18)
        assert right.shape == (3, 360)
        assert right.mean(axis=1) == pytest.approx(side.study.accuracies[18], abs=0.002)


@pytest.mark.parametrize(
    ("names", "dataset", "line"),
    [
        (
            ("nonsense", "workspace"),
            "",
            "nonsense: no revision or experiment of that name, and no p",
        ),
        (("v1:x", "workspace"), "", "v1:x: no revision"),
        (
            ("before", "workspace"),
            "cifar10",
            "before: has no results of cifar10; name another data",
        ),
        (("before~1", "workspace"), "", "before~1: has no dvc.lock, hence no results"),
        (("first", "workspace"), "cifar10", "first: a study of digits, not of cifar10"),
    ],
)
def test_what_is_not_there_is_one_clear_line(root, tmp_path, names, dataset, line):
    with pytest.raises(UserError) as refused:
        open_sides(root, names, dataset, tmp_path)

    assert str(refused.value).startswith(line)
    assert "\n" not in str(refused.value)


def test_a_lock_that_dvc_refuses_is_one_clear_line(root, tmp_path):
    copy = tmp_path / "repository"
    shutil.copytree(root, copy)
    (copy / "dvc.lock").write_text((copy / "dvc.lock").read_text().replace("cmd:", "command:"))

    with pytest.raises(UserError, match=r"workspace: DVC can't read it: '.*dvc\.lock'"):
        open_sides(copy, ("before", "workspace"), "", tmp_path / "folder")


def test_a_publication_of_unknown_code_is_still_one(root, tmp_path):
    copy = tmp_path / "repository"
    shutil.copytree(root, copy)
    shutil.rmtree(copy / ".git")
    git(copy, "init", "--quiet")
    git(copy, "add", "--all")
    git(copy, "commit", "--quiet", "--message", "Without history")

    first, _ = open_sides(copy, ("first", "second"), "", tmp_path / "folder")

    assert not first.known


@pytest.fixture(scope="module")
def experiment(finished, tmp_path_factory):
    """A real study with an experiment of another `lr`, of which nothing lies in the workspace.

    On the branch `unrun` the setting was changed, and nothing was run.
    """
    study = finished.copy(tmp_path_factory.mktemp("experiment"))
    study.edit_params(lambda params: params["recipes"]["reference"].update(lr=0.0003))
    study.dvc("exp", "save", "--name", "slower")
    study.git("checkout", "--quiet", "params.yaml", "dvc.lock")
    study.git("checkout", "--quiet", "-b", "unrun")
    study.edit_params(lambda params: params["recipes"]["reference"].update(lr=0.0003))
    study.commit("Another setting, but no run of it")
    study.git("checkout", "--quiet", "main")
    for folder in ("data", "models", "plots/tiny/figures"):
        shutil.rmtree(study.folder / folder)
    return study


def test_an_experiment_is_found_by_its_name_and_read_from_dvcs_cache(experiment, tmp_path):
    first, second = open_sides(experiment.folder, ("slower", "HEAD"), "", tmp_path)

    assert first.study.settings(18)["lr"] == 0.0003
    assert second.study.settings(18)["lr"] == 0.001
    for side in (first, second):
        assert side.missing == ()
        assert side.study.right(18).shape == (1, 12)
        assert (side.study.folder / "figures" / "accuracy_by_depth.svg").is_file()
    assert not (experiment.folder / "plots" / "tiny" / "figures").exists()


def test_results_that_were_made_by_other_settings_are_told(experiment, tmp_path):
    first, second = open_sides(experiment.folder, ("unrun", "HEAD"), "", tmp_path)

    assert second.stale == ()
    assert first.stale == (
        "params.yaml: recipes.reference.lr is 0.0003; recipe, train and evaluate ran with 0.001",
    )


def test_what_is_neither_in_git_nor_in_the_cache_is_named_and_the_tables_are_read(
    experiment, tmp_path
):
    folder = tmp_path / "clone"
    experiment.git("clone", "--quiet", str(experiment.folder), str(folder))

    side, _ = open_sides(folder, ("HEAD", "workspace"), "", tmp_path / "folder")

    assert "plots/tiny/figures" in side.missing
    assert "data/evaluations/tiny/reference/resnet18-seed0/predictions.csv" in side.missing
    assert side.study.depths == [18, 34]
    assert side.study.right(18) is None


def test_without_the_tables_nothing_is_compared(root, tmp_path):
    copy = tmp_path / "repository"
    shutil.copytree(root, copy)
    (copy / "plots" / "digits" / "accuracy.csv").unlink()

    with pytest.raises(UserError, match=r"workspace: plots/digits/accuracy\.csv is neither in git"):
        open_sides(copy, ("before", "workspace"), "", tmp_path / "folder")
