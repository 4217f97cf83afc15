"""`make verify` compares a network trained again with the published dvc.lock, and says why not."""

import json
import shutil
from pathlib import Path

import pytest
from given.git import git
from given.published_study import CODE, publish_finished, write_published_study
from ruamel.yaml import YAML

from resnet_depth.base.errors import UserError
from resnet_depth.base.files import file_digest
from resnet_depth.commands.publishing import verify as verification
from resnet_depth.commands.publishing.provenance import PROVENANCE
from resnet_depth.commands.publishing.publish import publish
from resnet_depth.commands.publishing.verify import verify
from resnet_depth.params import load_params

RUN = "reference/resnet18-seed0"
EVALUATION = "evaluate@digits-reference-18-0"
RESULTS = Path(__file__).parents[3] / "docs" / "results"


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    found = write_published_study(tmp_path_factory.mktemp("verification"))
    lock = found.root / "dvc.lock"
    instances = """\
  download@digits: {outs: []}
  prepare@digits: {params: {params.yaml: {prepare: {seed: 0}}}, outs: []}
  recipe@reference: {outs: [{path: data/recipes/reference.json, md5: '7000'}]}
"""
    lock.write_text(lock.read_text() + instances)
    publish_finished(found)
    make_earlier(publish_finished(found, "without_recipes"))
    git(found.root, "add", "--all")
    git(found.root, "commit", "--quiet", "--message", "Published")
    return found


def make_earlier(folder):
    """Make a publication one of the time before there were recipes."""
    shutil.copy(RESULTS / "earlier/cifar10_jpeg" / "params.yaml", folder)
    lock = folder / "dvc.lock"
    lock.write_text(lock.read_text().replace("/reference/", "/").replace("-reference-", "-"))
    content = YAML().load(lock)
    del content["stages"]["recipe@reference"]
    with lock.open("w") as file:
        YAML().dump(content, file)
    provenance = folder / "provenance.json"

    def without_recipes(content):
        del content["recipes"]
        for origin in (*content["training"], *content["inference"]):
            del origin["recipe"]

    edit(provenance, without_recipes)
    provenance.write_text(provenance.read_text().replace("reference/", ""))
    for path in (folder / "training" / "reference").iterdir():
        path.rename(folder / "training" / path.name)
    (folder / "training" / "reference").rmdir()
    seal(folder)


def seal(folder):
    """Let a publication's provenance say that it was published with the files it has now."""
    files = [path for path in folder.rglob("*") if path.is_file() and path.name != PROVENANCE]
    digests = {path.relative_to(folder).as_posix(): file_digest(path) for path in files}
    edit(folder / PROVENANCE, lambda content: content.update(files_sha256=digests))


@pytest.fixture
def verified(study, tmp_path, monkeypatch, capsys):
    """Return a function that verifies, where DVC gives a network with this hash and loss.

    It returns the outcome and what was said.
    """

    def outcome(
        digest="180.dir", initial_loss=2.5, evaluation="e180", name="trial", run=RUN, **machine
    ):
        commands = []

        class Clone(verification.Clone):
            def dvc(self, *arguments, **_):
                commands.append(arguments)
                lock = self.folder / "dvc.lock"
                text = lock.read_text().replace("180.dir", digest)
                lock.write_text(text.replace("e180", evaluation))
                for folder in ("models", "data/durations"):
                    target = self.folder / folder
                    shutil.rmtree(target, ignore_errors=True)
                    shutil.copytree(study.root / folder, target)
                record = self.folder / "models" / "digits" / RUN / "train.json"
                edit(record, lambda content: content.update(initial_loss=initial_loss))
                durations = self.folder / "data" / "durations" / "digits" / f"{RUN}.json"
                edit(durations, lambda made: made["environment"]["machine_class"].update(machine))
                return ""

        monkeypatch.setattr(verification, "Clone", Clone)
        equal = verify(study.root, name, run, tmp_path / "clone")
        assert commands == [("repro", "--force", EVALUATION)]
        return equal, capsys.readouterr().out

    return outcome


def edit(path, change):
    content = json.loads(path.read_text())
    change(content)
    path.write_text(json.dumps(content))


def test_equal_bytes_are_equal(verified):
    equal, said = verified()

    assert equal
    assert "EQUAL: hashes of 4 deterministic outputs" in said


@pytest.mark.parametrize(("array", "equal"), [("a1", True), ("a2", False)])
def test_of_the_prepared_dataset_the_arrays_that_were_read_are_compared_and_not_its_card(
    study, verified, monkeypatch, array, equal
):
    prepared = "data/prepared/digits"

    def stages_of(lock, dataset):
        entries = read_stages(lock, dataset)
        published = lock.is_relative_to(study.root)
        entries["prepare@digits"].outs[prepared if published else f"{prepared}/dataset.json"] = "c1"
        entries[EVALUATION].deps[f"{prepared}/test_images.npy"] = "a1" if published else array
        return entries

    read_stages = verification.stages_of
    monkeypatch.setattr(verification, "stages_of", stages_of)

    found, said = verified()

    assert found is equal
    assert ("test_images.npy: published a1, here a2" in said) is not equal


def test_without_a_name_the_first_run_is_verified(verified):
    equal, said = verified(run="", evaluation="e00")

    assert not equal
    assert f"data/evaluations/digits/{RUN}: published e180, here e00" in said


def test_of_an_earlier_study_the_evaluation_is_compared_and_the_settings_are_todays(
    verified, tmp_path
):
    equal, said = verified(name="without_recipes", run="resnet18-seed0", digest="00.dir")

    assert equal, said
    assert "before there were recipes: the network is compared by its predictions" in said
    assert "EQUAL: hashes of 2 deterministic outputs" in said
    assert load_params(tmp_path / "clone" / "params.yaml").recipes["reference"].epochs == 6


def test_another_evaluation_of_an_earlier_study_fails(verified):
    equal, said = verified(name="without_recipes", run="", evaluation="e00")

    assert not equal
    assert f"data/evaluations/digits/{RUN}: published e180, here e00" in said


@pytest.mark.parametrize(("initial_loss", "close"), [(2.50001, True), (2.6, False)])
def test_elsewhere_an_earlier_studys_first_loss_decides(verified, initial_loss, close):
    options = {"evaluation": "e00", "initial_loss": initial_loss, "processor": "Another"}

    equal, _ = verified(name="without_recipes", run="resnet18-seed0", **options)

    assert equal is close


def test_other_bytes_on_the_same_class_of_machine_fail(verified):
    equal, said = verified(digest="00.dir")

    assert not equal
    assert f"models/digits/{RUN}: published 180.dir, here 00.dir" in said
    assert "It begins at train@digits-reference-18-0, with settings, code and inputs that" in said
    assert "of the class of the published results, and the code is the same" in said


@pytest.mark.parametrize(("initial_loss", "close"), [(2.50001, True), (2.6, False)])
def test_elsewhere_the_first_loss_decides(verified, initial_loss, close):
    options = {"digest": "00.dir", "initial_loss": initial_loss, "processor": "Another"}

    equal, said = verified(**options)

    assert equal is close
    assert "of another class" in said
    assert "   processor: Example CPU @ 2.50GHz (family 6, model 143, step 8) published, An" in said
    assert ("\nEQUAL WITHIN TOLERANCE: initial loss" in said) is close
    assert ("initial loss 2.5 published, 2.6 here" in said) is not close


def test_code_that_has_changed_since_is_named(study, verified):
    (study.root / CODE).write_text("trained = 'otherwise'\n")
    git(study.root, "commit", "--quiet", "--all", "--message", "Other code")
    try:
        equal, said = verified(digest="00.dir")
    finally:
        git(study.root, "reset", "--quiet", "--hard", "HEAD~1")

    assert not equal
    assert f"The code was moved or changed since: {CODE}\n" in said
    assert "and the code was moved or changed since." in said


def test_equal_bytes_are_equal_whatever_moved(study, verified):
    git(study.root, "mv", CODE, "src/resnet_depth/moved.py")
    git(study.root, "commit", "--quiet", "--message", "Moved")
    try:
        equal, said = verified()
    finally:
        git(study.root, "reset", "--quiet", "--hard", "HEAD~1")

    assert equal
    assert f"The code was moved or changed since: {CODE}\n" in said
    assert "EQUAL: hashes of 4 deterministic outputs" in said


def test_of_many_files_that_are_gone_the_first_are_named(study, verified):
    # As in a lock of a time when it listed files, not rooms.
    lock = study.root / "docs" / "results" / "trial" / "dvc.lock"
    published = lock.read_text()
    content = YAML().load(published)
    content["stages"]["train@digits-reference-18-0"]["deps"] += [
        {"path": f"src/resnet_depth/m{k:02}.py", "md5": f"{k:032}"} for k in range(40)
    ]
    with lock.open("w") as file:
        YAML().dump(content, file)
    seal(lock.parent)
    try:
        _, said = verified()
    finally:
        lock.write_text(published)
        seal(lock.parent)

    (line,) = [line for line in said.splitlines() if "src/resnet_depth" in line]
    assert line == (
        "The code was moved or changed since: src/resnet_depth/m00.py, src/resnet_depth/m01.py "
        "and 38 more"
    )


@pytest.fixture
def trial(study):
    """A publication that may be changed: it comes back."""
    folder = study.root / "docs" / "results" / "trial"
    yield folder
    git(study.root, "checkout", "--quiet", "--", "docs")


def test_a_publication_of_which_a_setting_was_changed_is_refused_by_key(
    study, trial, tmp_path, capsys
):
    params = trial / "params.yaml"
    params.write_text(params.read_text().replace("\n  seed: 0 ", "\n  seed: 1 "))

    assert not verify(study.root, "trial", RUN, tmp_path / "clone")

    said = capsys.readouterr().out
    assert "   params.yaml: not as it was published\n" in said
    assert "   params.yaml: prepare.seed is 1; prepare ran with 0\n" in said
    assert "1. From nothing" not in said


def test_a_publication_of_which_a_networks_hash_was_changed_is_refused(
    study, trial, tmp_path, capsys
):
    lock = trial / "dvc.lock"
    lock.write_text(lock.read_text().replace("180.dir", "181.dir"))

    assert not verify(study.root, "trial", RUN, tmp_path / "clone")
    assert "DIFFERS: trial, and the packages that are pinned\n   dvc.lock: not as it was p" in (
        capsys.readouterr().out
    )


def test_other_packages_than_the_repository_pins_are_refused_by_name(study, tmp_path, capsys):
    pins = study.root / "requirements.lock"
    pins.write_text("numpy==1.0\n")
    git(study.root, "add", "--all")
    git(study.root, "commit", "--quiet", "--message", "Another package")
    try:
        assert not verify(study.root, "trial", RUN, tmp_path / "clone")
    finally:
        git(study.root, "reset", "--quiet", "--hard", "HEAD~1")

    assert "requirements.lock: pins numpy 1.0; " in capsys.readouterr().out


def test_what_is_not_published_is_one_clear_line(study, tmp_path):
    with pytest.raises(UserError, match="RUN=resnet18-seed7: not published; allowed: reference/r"):
        verify(study.root, "trial", "resnet18-seed7", tmp_path / "clone")
    with pytest.raises(UserError, match="no published study; published: trial, without_recipes"):
        verify(study.root, "other", RUN, tmp_path / "clone")


def test_a_datasets_place_holds_in_another_folder(tmp_path, monkeypatch):
    (tmp_path / "images").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MINE_SOURCE", "images")

    assert verification.absolute_source("mine") == {"MINE_SOURCE": str(tmp_path / "images")}
    assert verification.absolute_source("other") == {}


@pytest.mark.slow
def test_a_published_network_is_verified_with_settings_of_its_own(
    finished, tmp_path, monkeypatch, capsys
):
    study = finished.copy(tmp_path)
    publish(study.folder, "tiny", "trial")
    study.edit_params(lambda params: params["study"].update(datasets=["digits"]))
    study.commit("Published, and no longer studied")
    monkeypatch.setenv("TINY_SOURCE", str(study.images))

    equal = verify(study.folder, "trial", RUN, tmp_path / "clone")

    said = capsys.readouterr().out
    assert equal, said
    assert "\nEQUAL: hashes of " in said
