"""Training times that count: the same networks, other durations, and a report made of them."""

import pytest

COSTS = ("python", "-m", "resnet_depth.commands.scheduling", "costs", "--root", ".")
RUN = "train@tiny-reference-18-0"


@pytest.fixture
def study(one_depth, tmp_path):
    return one_depth.copy(tmp_path)


def test_a_training_is_timed_again_and_only_the_report_reads_that(study):
    before = study.lock()

    said = study.run(*COSTS, "--dataset=tiny", PYTHONPATH="src")

    after = study.lock()
    assert study.stages_run(said) == {RUN, "report@tiny"}
    # The durations, then the network.
    was, now = ([out["md5"] for out in lock[RUN]["outs"]] for lock in (before, after))
    assert now[0] != was[0]
    assert now[1] == was[1]
    assert {name for name in after if after[name] != before[name]} == {RUN, "report@tiny"}
    assert said.splitlines()[-1].startswith(f"{RUN}: ")
    assert "Data and pipelines are up to date" in study.dvc("status", "--with-deps", "report@tiny")


def test_of_a_study_that_is_not_up_to_date_nothing_is_timed(study):
    study.edit_params(lambda params: params["report"].update(png_dpi=40))
    before = study.lock()

    said = study.run(*COSTS, "--dataset=tiny", check=False, PYTHONPATH="src")

    assert said.splitlines()[-1].startswith("report@tiny: ")
    assert "instances are to run first" in said
    assert "type: make study DATASET=tiny" in said
    assert study.lock() == before
