"""The reproducibility check can fail: on another seed, a changed byte and a missing run."""

import pytest

from resnet_depth.commands.reproducing.reproduce import reproduce


@pytest.fixture
def outcome(tmp_path, monkeypatch, capsys):
    """Return a function that reproduces a study and returns the outcome and what was said."""

    def reproduced(study):
        monkeypatch.setenv("TINY_SOURCE", str(study.images))
        equal = reproduce(study.folder, tmp_path / "clone", "tiny")
        return equal, capsys.readouterr().out

    return reproduced


def test_a_study_reproduces_on_its_own_machine(one_depth, tmp_path, outcome):
    # What was committed was made by forks, see given/warm_python.py; in the clone each stage is a
    # process as users start it.
    study = one_depth.copy(tmp_path)

    equal, said = outcome(study)

    assert equal, said
    assert "bytes must be equal" in said
    assert "3. One network trained again, on the same machine: dvc repro --force " in said
    assert "--force train@tiny-reference-18-0" in said


def test_uncommitted_results_are_noticed_before_anything_runs(finished, tmp_path, outcome):
    study = finished.copy(tmp_path)
    study.edit_params(lambda params: params["recipes"]["reference"].update(batch_size=5))
    study.commit("Another setting, but no run of it")

    equal, said = outcome(study)

    assert not equal
    assert "commit dvc.lock" in said
    assert "2. The study, from nothing" not in said
