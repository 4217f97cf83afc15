"""What a training leaves: its files, and the network in them."""

import pandas as pd
import torch
from given.digit_images import NO_IMAGES

from resnet_depth.networks.fast.form import to_fast_form
from resnet_depth.networks.storage import load_network
from resnet_depth.runs.names import TRAIN_RECORD_FILE
from resnet_depth.runs.records import read_record
from resnet_depth.training.records import TrainingRecord
from resnet_depth.training.result import write_training
from resnet_depth.training.train import train


def test_a_training_leaves_exactly_its_files(make_job, training_part, validation_part, tmp_path):
    job = make_job(epochs=2)

    write_training(train(job, training_part, validation_part), tmp_path / "m", tmp_path / "d.json")

    assert sorted(path.name for path in (tmp_path / "m").iterdir()) == [
        "curves.csv",
        "model.safetensors",
        "train.json",
    ]
    curves = pd.read_csv(tmp_path / "m" / "curves.csv")
    assert list(curves.columns) == [
        *["epoch", "learning_rate_begin", "learning_rate_end", "train_loss", "train_accuracy"],
        *["validation_loss", "validation_accuracy"],
    ]
    assert curves["epoch"].tolist() == [1, 2]
    assert curves["learning_rate_begin"].tolist() == [1e-3, 1e-3]
    assert curves["learning_rate_end"].tolist() == [1e-3, 1e-3]
    assert curves.notna().all(axis=None)


def test_without_validation_part_its_curve_is_empty(make_job, training_part, tmp_path):
    trained = train(make_job(), training_part, NO_IMAGES)
    write_training(trained, tmp_path / "m", tmp_path / "d.json")

    curves = pd.read_csv(tmp_path / "m" / "curves.csv")

    assert trained.curves[0].validation_accuracy is None
    assert curves[["validation_loss", "validation_accuracy"]].isna().all(axis=None)


def test_a_saved_network_gives_the_same_outputs(make_job, training_part, tmp_path):
    trained = train(make_job(depth=50), training_part, NO_IMAGES)
    write_training(trained, tmp_path / "m", tmp_path / "d.json")
    images = torch.randn(3, 3, 32, 32)

    record = read_record(
        tmp_path / "m" / TRAIN_RECORD_FILE, TrainingRecord, "train@digits-reference-50-0"
    )
    network = to_fast_form(load_network(tmp_path / "m", record.shape), 32, torch.device("cpu"))

    with torch.no_grad():
        assert torch.equal(network(images), trained.network.eval()(images))
    assert record == trained.record
