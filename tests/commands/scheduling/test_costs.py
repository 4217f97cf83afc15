"""Training times that count: the same networks, other durations, and a report made of them."""

import pytest

COSTS = ("python", "-m", "resnet_depth.commands.scheduling", "costs", "--root", ".")
RUNS = [f"train@tiny-reference-{depth}-0" for depth in (18, 34)]


@pytest.fixture
def study(finished, tmp_path):
    return finished.copy(tmp_path)


def test_a_training_is_timed_again_and_only_the_report_reads_that(study):
    before = study.lock()

    said = study.run(*COSTS, "--dataset=tiny", PYTHONPATH="src")

    after = study.lock()
    assert study.stages_run(said) == {*RUNS, "report@tiny"}
    assert {name for name in after if after[name] != before[name]} == {*RUNS, "report@tiny"}
    for run in RUNS:
        # The durations, then the network.
        was, now = ([out["md5"] for out in lock[run]["outs"]] for lock in (before, after))
        assert now[0] != was[0]
        assert now[1] == was[1]
    told = said.splitlines()[-len(RUNS) :]
    assert all(line.startswith(f"{run}: ") for line, run in zip(told, RUNS, strict=True))
    assert "Data and pipelines are up to date" in study.dvc("status", "--with-deps", "report@tiny")


def test_of_a_study_that_is_not_up_to_date_nothing_is_timed(study):
    study.edit_params(lambda params: params["report"].update(png_dpi=40))
    before = study.lock()

    said = study.run(*COSTS, "--dataset=tiny", check=False, PYTHONPATH="src")

    assert said.splitlines()[-1].startswith("report@tiny: ")
    assert "instances are to run first" in said
    assert "type: make study DATASET=tiny" in said
    assert study.lock() == before
