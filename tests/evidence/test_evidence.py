"""What the report is made of: read whole, or refused by name."""

import pytest
from given.study_files import write_study

from resnet_depth.base.errors import UserError
from resnet_depth.evidence.evidence import read_evidence


def test_missing_durations_are_named(tmp_path):
    study = write_study(tmp_path)
    study.summarize()
    (study.durations / "reference/resnet34-seed1.json").unlink()

    with pytest.raises(
        UserError, match=r"seed1\.json: missing; 'dvc repro train@digits-reference-34-1'"
    ):
        read_evidence(study.sources, study.settings(), 0.95)


def test_tables_of_other_runs_are_refused(tmp_path):
    study = write_study(tmp_path, seeds=(0, 1))
    study.summarize()

    with pytest.raises(
        UserError, match=r"reference/resnet18-seed1, reference/resnet34-seed1.*summarize@digits"
    ):
        read_evidence(study.sources, study.settings(seeds=(0,)), 0.95)


def test_the_pruning_of_a_recipe_is_its_own_and_missing_durations_are_named(tmp_path):
    study = write_study(
        tmp_path, depths=(18, 34), seeds=(0, 1), recipes=("reference", "fast"), pruned=(18,)
    )

    found = study.study_evidence().by_recipe

    assert set(found["reference"].pruning["seed"]) == {0, 1}
    assert [run.name_in_recipe for run in found["reference"].pruning_durations] == [
        "resnet18-seed0",
        "resnet18-seed1",
    ]
    assert found["fast"].pruning.empty
    assert found["fast"].pruning_durations == found["fast"].pruned_latency == {}
    assert list(found["reference"].pruned_latency) == [18]
    inputs = study.study_evidence().inputs
    assert (study.latency / "resnet18-pruned.json").as_posix() in inputs
    (study.durations / "resnet18-seed1-pruning.json").unlink()
    with pytest.raises(UserError, match=r"pruning\.json: missing; 'dvc repro prune@digits-18-1'"):
        read_evidence(study.sources, study.settings(), 0.95)


def test_missing_times_of_pruned_networks_are_named(tmp_path):
    study = write_study(tmp_path, depths=(18,), seeds=(0,), pruned=(18,))
    (study.latency / "resnet18-pruned.json").unlink()

    with pytest.raises(UserError, match=r"json: missing; 'dvc repro pruned_latency@digits-18'"):
        study.evidence()
