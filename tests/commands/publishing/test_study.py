"""A published study gives templates what its files say."""

import pytest
from given.published_study import publish_finished, write_published_study

from resnet_depth.base.errors import UserError
from resnet_depth.commands.publishing.study import open_study

ACCURACY = {(18, 0): 0.7342, (18, 1): 0.7342, (18, 2): 0.7342}
SECONDS = {(depth, seed): 100.0 * depth + seed for depth in (18, 34, 50) for seed in (0, 1, 2)}


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    folder = tmp_path_factory.mktemp("study")
    made = write_published_study(folder, accuracy=ACCURACY, train_seconds=SECONDS, lossy=True)
    return open_study(publish_finished(made).parent, "trial")


VALUES = {
    "summary": (lambda study: study.summary["resnet18_accuracy"], 0.7342),
    "accuracy": (lambda study: study.estimate(18).mean, 0.7342),
    "seeds": (lambda study: study.estimate(18).n, 3),
    "training": (lambda study: study.training(18)["live_parameters"], 5_590_821),
    "costs": (lambda study: study.cost(50)["train_seconds"]["mean"], 5001),
    "params": (lambda study: study.settings(18)["lr"], 0.001),
    "provenance": (
        lambda study: study.provenance.machine_classes[0].packages["torch"],
        "2.14.1+cpu",
    ),
    "claims": (lambda study: study.claim(2)["verdict"], "supported"),
    "pair": (lambda study: study.pair(2, 18, 34)["difference"], 1600),
    "curves": (lambda study: study.curve(18, epoch=6)["learning_rate_begin"].tolist(), 3 * [0.001]),
    "title": (lambda study: study.title, "Constructed digits (lossy)"),
}


@pytest.mark.parametrize(("value", "expected"), VALUES.values(), ids=VALUES)
def test_what_is_asked_for_is_what_the_files_say(study, value, expected):
    assert value(study) == (expected if isinstance(expected, str) else pytest.approx(expected))


def test_means_of_an_epoch_are_over_the_runs_of_each_depth(study):
    curves = study.curves
    last = curves[curves.epoch == 6].groupby("depth").validation_accuracy.mean()

    assert study.means("validation_accuracy", epoch=6) == pytest.approx(last.tolist())


def test_the_table_is_the_published_text_as_markdown(study):
    header, rule, first, *_ = study.results.splitlines()

    assert header.startswith("| Network | Seeds | Test accuracy | Parameters | Alive |")
    assert rule == "| --- |" + 8 * " ---: |"
    assert first.startswith("| ResNet-18 | 3 | 73.4 ± 0.0% | 11.2 M | 5.59 M |")
    assert "| 30.0 ± 0.0 min |" in first
    assert len(study.results.splitlines()) == 5


def test_machine_and_commit_are_told_once_for_all_runs(study):
    assert [machine.split(",")[0] for machine in study.machines] == [
        "Example CPU @ 2.50GHz (family 6"
    ]
    assert "torch 2.14.1+cpu" in study.machines[0]
    assert len(study.commits) == len(study.days) == 1


def test_an_unpublished_study_is_one_clear_line(study):
    with pytest.raises(UserError, match="no published study; published: trial"):
        open_study(study.folder.parent, "other")


def test_a_file_is_read_once(study):
    assert study.costs is study.costs
