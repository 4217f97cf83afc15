"""What is published is what the pipeline wrote, whole, of a finished study whose code is committed.

With DVC itself it is tried in test_reproduce.
"""

import hashlib
import json
import shutil

import numpy as np
import pandas as pd
import pytest
from given.git import git
from given.published_study import (
    CODE,
    publish_finished,
    up_to_date,
    write_published_study,
)

from resnet_depth.base.errors import UserError
from resnet_depth.commands.publishing.publish import publish
from resnet_depth.commands.publishing.study import Study
from resnet_depth.evidence.contrasts import image_covariance

LAST = "reference/resnet50-seed2"


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    folder = tmp_path_factory.mktemp("publication")
    return write_published_study(folder, shared=[(50, 2)], pruned=(18,))


@pytest.fixture(scope="module")
def folder(study):
    return publish_finished(study)


def contents(folder):
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def provenance(folder):
    return json.loads((folder / "provenance.json").read_text(encoding="utf-8"))


def test_every_file_is_a_copy_byte_for_byte(study, folder):
    published = contents(folder)
    sources = {
        "params.yaml": "params.yaml",
        "dvc.lock": "dvc.lock",
        "metrics/reference-18.json": "metrics/digits/reference-18.json",
        "costs.json": "plots/digits/costs.json",
        "findings.json": "plots/digits/findings.json",
        "report.html": "plots/digits/report.html",
        "tables/accuracy_over_seeds.csv": "plots/digits/accuracy_over_seeds.csv",
        "figures/accuracy_by_depth.svg": "plots/digits/figures/accuracy_by_depth.svg",
        "figures/accuracy_by_depth.png": "plots/digits/figures/accuracy_by_depth.png",
        "curves/reference/resnet18-seed0.csv": "models/digits/reference/resnet18-seed0/curves.csv",
        f"training/{LAST}.json": f"models/digits/{LAST}/train.json",
        "latency/reference/resnet18.json": "data/latency/digits/reference/resnet18.json",
        "latency/resnet18-pruned.json": "data/latency/digits/resnet18-pruned.json",
    }

    assert {name: published[name] for name in sources} == {
        name: (study.root / source).read_bytes() for name, source in sources.items()
    }


def test_of_each_prediction_class_and_probability_are_kept(study, folder):
    names = [path.relative_to(folder / "predictions") for path in folder.rglob("*.npy")]
    assert len(names) == 9

    for name in names:
        rows = np.load(folder / "predictions" / name)
        source = study.root / "data" / "evaluations" / "digits" / name.with_suffix("")
        table = pd.read_csv(source / "predictions.csv")
        chances = table.filter(like="probability_").to_numpy()
        assert rows["label"].tolist() == table["label"].tolist()
        assert rows["prediction"].tolist() == chances.argmax(axis=1).tolist()
        np.testing.assert_array_equal(rows["probability"], chances.max(axis=1).astype("f4"))


def test_a_reader_finds_the_published_accuracies_and_covariance_in_the_predictions(folder):
    study = Study(folder)
    right = {depth: study.right(depth) for depth in study.depths}

    for depth, each in right.items():
        assert each.mean(axis=1) == pytest.approx(study.accuracies[depth], abs=0.002)
    np.testing.assert_allclose(
        image_covariance(right).ravel(), study.image_covariance["covariance"]
    )


def test_provenance_tells_data_code_machine_and_hashes(study, folder):
    found = provenance(folder)

    assert found["dataset"]["digest"] == "sha256:" + "ab" * 32
    assert found["recipes"] == ["reference"]
    assert (found["depths"], found["seeds"]) == ([18, 34, 50], [0, 1, 2])
    assert found["training"][0]["commit"] == git(study.root, "rev-parse", "HEAD")
    assert found["training"][0]["recipe"] == found["inference"][0]["recipe"] == "reference"
    assert found["training"][0]["code_is_of_commit"]
    assert found["machine_classes"][0]["packages"]["torch"] == "2.14.1+cpu"
    assert found["shared_timings"] == {
        **{"training": [LAST], "inference": []},
        "pruned_inference": [],
    }
    (of_pruned,) = found["pruned_inference"]
    assert (of_pruned["network"], of_pruned["code_is_of_commit"]) == ("resnet18", True)
    assert found["outputs_md5"]["models/digits/reference/resnet18-seed1"] == "181.dir"
    assert "models/cifar10" not in found["outputs_md5"]
    assert found["files_sha256"] == {
        name: hashlib.sha256(content).hexdigest()
        for name, content in sorted(contents(folder).items())
        if name != "provenance.json"
    }


def test_publishing_twice_gives_equal_bytes_and_clears_what_no_longer_is(study, folder):
    before = contents(folder)
    (folder / "figures" / "former.png").write_bytes(b"of another time")

    publish_finished(study)

    assert contents(folder) == before
    assert [path.name for path in folder.parent.iterdir()] == ["trial"]


def test_a_run_whose_code_was_changed_is_not_its_commits(study, folder):
    lock = study.root / "dvc.lock"
    committed = lock.read_text(encoding="utf-8")
    digest = hashlib.md5((study.root / CODE).read_bytes()).hexdigest()
    lock.write_text(committed.replace(digest, "0" * 32), encoding="utf-8")
    try:
        changed = publish_finished(study, "changed")
    finally:
        lock.write_text(committed, encoding="utf-8")

    assert not provenance(changed)["training"][0]["code_is_of_commit"]


def refusal(study, dataset="digits", name="refused"):
    with up_to_date(), pytest.raises(UserError) as caught:
        publish(study.root, dataset, name)
    assert not (study.root / "docs" / "results" / "refused").exists()
    (line,) = str(caught.value).splitlines()
    return line


@pytest.mark.parametrize("name", ["earlier", "former"])
def test_the_name_of_a_superseded_study_is_not_given_again(study, name):
    former = study.root / "docs" / "results" / "earlier" / "former"
    former.mkdir(parents=True)
    try:
        line = refusal(study, name=name)
    finally:
        shutil.rmtree(former.parent)

    assert line.startswith(f"STUDY={name}: docs/results/earlier holds superseded studies, whose")


def test_an_unfinished_study_is_refused(study):
    lock = study.root / "dvc.lock"
    lock.rename(lock.with_suffix(".away"))
    try:
        with pytest.raises(UserError) as caught:
            publish(study.root, "digits", "refused")
    finally:
        lock.with_suffix(".away").rename(lock)

    line = str(caught.value)

    assert "isn't complete and up to date: 1 stages would run (report@digits)" in line
    assert "make study DATASET=digits" in line


def test_a_dataset_that_is_not_studied_is_refused(study):
    assert "study.datasets has no cifar10_jpeg" in refusal(study, dataset="cifar10_jpeg")


def test_a_name_that_is_a_path_is_refused(study):
    assert "STUDY=../x: allowed" in refusal(study, name="../x")


def test_code_that_is_not_committed_is_refused(study):
    code = study.root / CODE
    committed = code.read_text()
    code.write_text("trained = False\n")
    try:
        assert f"{CODE}: not committed" in refusal(study)
    finally:
        code.write_text(committed)


def test_a_missing_file_is_refused_by_name(study):
    figure = study.tables / "report.html"
    figure.rename(figure.with_suffix(".away"))
    try:
        assert "plots/digits/report.html: missing" in refusal(study)
    finally:
        figure.with_suffix(".away").rename(figure)
