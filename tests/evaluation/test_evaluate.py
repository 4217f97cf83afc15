"""Evaluation agrees with training on the same images, and its predictions hold all its metrics."""

import numpy as np
import pandas as pd
import pytest

from resnet_depth.base.errors import UserError
from resnet_depth.base.files import file_digest, read_json
from resnet_depth.data.prepared import Part
from resnet_depth.evaluation.evaluate import evaluate, write_evaluation
from resnet_depth.evaluation.settings import EvaluateSettings
from resnet_depth.training.result import write_training
from resnet_depth.training.train import train


def settings(batch_size=8):
    return EvaluateSettings(device="cpu", threads=2, batch_size=batch_size, calibration_bins=15)


@pytest.fixture(scope="module")
def model(tmp_path_factory, make_job, training_part, validation_part):
    """A trained network's folder, and the last row of its curves."""
    folder = tmp_path_factory.mktemp("models") / "resnet18-seed0"
    trained = train(make_job(epochs=2), training_part, validation_part)
    write_training(trained, folder, folder.with_suffix(".json"))
    return folder, trained.curves[-1]


def test_evaluating_the_validation_part_gives_the_curves_last_row(model, validation_part):
    folder, last = model

    metrics = evaluate(folder, validation_part, settings()).metrics

    assert metrics.test_accuracy == last.validation_accuracy
    assert metrics.test_loss == pytest.approx(last.validation_loss, rel=1e-5)


@pytest.mark.parametrize("classes", [9, 11])
def test_images_of_other_classes_than_the_networks_are_refused(model, validation_part, classes):
    labels = np.arange(len(validation_part.labels), dtype=np.uint8) % classes
    part = Part(validation_part.images, labels)

    with pytest.raises(UserError, match=f"a network of 10 classes; the test part has {classes}"):
        evaluate(model[0], part, settings())


def test_the_predictions_hold_the_metrics(model, validation_part, tmp_path):
    write_evaluation(evaluate(model[0], validation_part, settings()), tmp_path / "e")

    rows = pd.read_csv(tmp_path / "e" / "predictions.csv")
    metrics = read_json(tmp_path / "e" / "metrics.json")
    probabilities = rows[[f"probability_{k}" for k in range(10)]].to_numpy()

    assert rows["index"].tolist() == list(range(20))
    assert rows["label"].tolist() == validation_part.labels.tolist()
    assert (rows["label"] == rows["prediction"]).mean() == metrics["test_accuracy"]
    assert np.array_equal(probabilities.argmax(axis=1), rows["prediction"])
    assert probabilities.sum(axis=1) == pytest.approx(np.ones(20))
    true = probabilities[np.arange(20), rows["label"]]
    assert metrics["test_loss"] == pytest.approx(-np.log(true).mean(), rel=1e-4)
    assert np.array_equal(
        metrics["confusion"],
        pd.crosstab(rows["label"], rows["prediction"]).reindex(
            index=range(10), columns=range(10), fill_value=0
        ),
    )


def test_evaluating_twice_gives_the_same_bytes(model, validation_part, tmp_path):
    for name in ("first", "second"):
        write_evaluation(evaluate(model[0], validation_part, settings()), tmp_path / name)

    for file in ("metrics.json", "predictions.csv"):
        assert file_digest(tmp_path / "first" / file) == file_digest(tmp_path / "second" / file)


def test_the_batch_size_moves_no_prediction(model, validation_part):
    one, all_ = (evaluate(model[0], validation_part, settings(size)) for size in (1, 20))

    assert one.predictions["prediction"].equals(all_.predictions["prediction"])
    assert one.metrics.test_loss == pytest.approx(all_.metrics.test_loss, rel=1e-4)


def test_images_of_another_size_are_scaled_to_that_of_the_training(model, validation_part):
    half = Part(np.ascontiguousarray(validation_part.images[:, ::2, ::2]), validation_part.labels)

    small, whole = (evaluate(model[0], part, settings()) for part in (half, validation_part))

    assert small.predictions["label"].equals(whole.predictions["label"])
    assert small.metrics.test_loss != whole.metrics.test_loss


def test_mirror_images_are_tested_too_where_that_is_asked_for(model, validation_part):
    images = np.ascontiguousarray(validation_part.images[:, :, ::-1])
    mirrored = Part(images, validation_part.labels)
    asked = settings().model_copy(update={"mirrored_too": True})

    plain = evaluate(model[0], validation_part, settings()).metrics
    forth = evaluate(model[0], validation_part, asked).metrics
    back = evaluate(model[0], mirrored, asked).metrics

    assert plain.mirrored_test_accuracy is None
    assert forth.mirrored_test_accuracy == back.mirrored_test_accuracy
    assert forth.test_accuracy == plain.test_accuracy
