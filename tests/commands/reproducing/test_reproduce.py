"""The reproducibility check can fail: on results that aren't committed, or not of each other."""

from dataclasses import replace

import pytest

from resnet_depth.commands.reproducing import reproduce as reproduction
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


def test_uncommitted_results_are_noticed_and_their_causes_named_before_anything_runs(
    finished, tmp_path, outcome
):
    study = finished.copy(tmp_path)
    study.edit_params(lambda params: params["recipes"]["reference"].update(batch_size=5))
    study.edit_params(lambda params: params["study"].update(seeds=[1]))
    study.edit_params(lambda params: params["prepare"].update(seed=1))
    loop = study.folder / "src" / "resnet_depth" / "training" / "loop.py"
    loop.write_text(loop.read_text() + "# One line more.\n")
    study.commit("Other settings and code, but no run of them")

    equal, said = outcome(study)

    assert not equal
    assert "params.yaml: recipes.reference.batch_size is 5; settings, recipe" in said
    assert "params.yaml: study.seeds is [1]; settings, summarize and report ran with [0]" in said
    assert "params.yaml: prepare.seed is 1; settings and prepare ran with 0" in said
    assert "dvc.lock: has no train@tiny-reference-18-1, train@tiny-reference-34-1 and" in said
    assert "   src/resnet_depth/training/loop.py: changed since " in said
    assert "commit dvc.lock" in said
    assert "2. The study, from nothing" not in said


def test_a_package_that_is_pinned_otherwise_is_noticed_before_anything_runs(
    finished, tmp_path, outcome, monkeypatch
):
    class Clone(reproduction.Clone):
        def dvc(self, *_, **__):
            return UP_TO_DATE

    monkeypatch.setattr(reproduction, "Clone", Clone)
    monkeypatch.setattr(reproduction, "causes", lambda *_: [])
    folder = tmp_path / "study"
    finished.git("clone", "--quiet", str(finished.folder), str(folder))
    study = replace(finished, folder=folder)
    lock = folder / "requirements.lock"
    (numpy,) = (line for line in lock.read_text().splitlines() if line.startswith("numpy=="))
    lock.write_text(lock.read_text().replace(numpy, "numpy==1.0"))
    study.commit("Another package, but no run with it")

    equal, said = outcome(study)

    assert not equal
    version = numpy.removeprefix("numpy==")
    assert f"requirements.lock: pins numpy 1.0; {version} made the results" in said
    assert "2. The study, from nothing" not in said


def test_images_divided_anew_without_their_trainings_are_noticed(one_depth, tmp_path, outcome):
    study = one_depth.copy(tmp_path)
    study.edit_params(lambda params: params["prepare"].update(seed=1))
    study.dvc("repro", "prepare@tiny")
    study.commit("Other parts, and no network trained on them")

    equal, said = outcome(study)

    assert not equal
    assert "data/prepared/tiny/train_images.npy: not as train@tiny-reference-18-0" in said
    assert "prepare@tiny: wrote that anew, with prepare.seed 1 in place of 0" in said
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
    assert "models/tiny/reference/resnet18-seed0: not as summarize@tiny, report@tiny has" in said
    assert f"train@{run}: wrote that anew, with the same settings, code and inputs" in said
    assert "2. The study, from nothing" not in said
