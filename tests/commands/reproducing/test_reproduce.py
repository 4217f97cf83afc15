"""The reproducibility check can fail: on results that aren't committed, or not of each other."""

import pytest

from resnet_depth.commands.reproducing.reproduce import UP_TO_DATE, reproduce


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


def test_images_divided_anew_without_their_trainings_are_noticed(one_depth, tmp_path, outcome):
    study = one_depth.copy(tmp_path)
    study.edit_params(lambda params: params["prepare"].update(seed=1))
    study.dvc("repro", "prepare@tiny")
    study.commit("Other parts, and no network trained on them")

    equal, said = outcome(study)

    assert not equal
    assert "2. The study, from nothing" not in said


def test_a_network_trained_anew_without_the_summary_is_noticed(one_depth, tmp_path, outcome):
    study = one_depth.copy(tmp_path)
    weights = study.folder / "models/tiny/reference/resnet18-seed0/model.safetensors"
    content = weights.read_bytes()
    weights.unlink()  # The cache may hold the same file.
    weights.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    run, network = "tiny-reference-18-0", "tiny-reference-18"
    readers = (f"evaluate@{run}", f"export@{network}", f"latency@{network}", "prune@tiny-18-0")
    study.dvc("commit", "--force", f"train@{run}", *readers, "pruned_latency@tiny-18")
    study.commit("Another network, and all but what sums up made of it")

    equal, said = outcome(study)

    assert not equal
    # DVC has nothing against it.
    assert UP_TO_DATE in said
    assert "models/tiny/reference/resnet18-seed0: not as summarize@tiny has read it" in said
    assert "2. The study, from nothing" not in said
