"""An export: its outputs in plain torchvision and ONNX Runtime are the network's; its record."""

import shutil

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
import torchvision
from given.exported_network import SETTINGS, make_exported
from pydantic import ValidationError
from safetensors.torch import load_file

from resnet_depth.base.errors import UserError
from resnet_depth.base.files import file_digest, read_json
from resnet_depth.data.prepared import load_part
from resnet_depth.deployment.quantization import quantized, spread_sample
from resnet_depth.export import export as exporting
from resnet_depth.export.export import export_network
from resnet_depth.export.records import ExportRecord
from resnet_depth.networks.prediction import Images, predict_logits
from resnet_depth.networks.storage import load_network
from resnet_depth.runs.records import read_record
from resnet_depth.training.records import TrainingRecord


@pytest.fixture(scope="module")
def record(exported):
    return read_record(exported.folder / "export.json", ExportRecord, "export")


@pytest.fixture(scope="module")
def logits(exported):
    """The validation images, and what the network as it was trained says of them."""
    training = read_record(exported.model / "train.json", TrainingRecord, "train")
    part = load_part(exported.data, "validation")
    images = Images(
        part.images, training.channel_mean, training.channel_std, torch.device("cpu"), 32
    )
    network = load_network(exported.model, training.shape)
    return part, predict_logits(network, images, 20).numpy()


def test_an_export_leaves_exactly_its_files(exported):
    assert sorted(path.name for path in exported.folder.iterdir()) == [
        *("README.md", "export.json", "model.onnx", "model.safetensors", "model_int8.onnx")
    ]


def test_the_onnx_file_gives_the_networks_outputs(exported, record, logits):
    part, expected = logits
    session = onnxruntime.InferenceSession(exported.folder / "model.onnx")

    (found,) = session.run(None, {"pixels": part.images})

    difference = np.abs(found - expected).max()
    assert difference < 1e-4 * np.abs(expected).max()
    assert record.largest_output_difference == pytest.approx(difference, abs=1e-5)
    assert record.largest_output == pytest.approx(np.abs(expected).max(), rel=1e-5)


def test_the_weights_are_torchvisions_and_give_the_networks_outputs(exported, record, logits):
    part, expected = logits
    network = torchvision.models.resnet18(num_classes=10)
    network.load_state_dict(load_file(exported.folder / "model.safetensors"))
    images = torch.from_numpy(part.images).permute(0, 3, 1, 2) / 255
    mean, std = (
        torch.tensor(values)[:, None, None] for values in (record.channel_mean, record.channel_std)
    )

    with torch.inference_mode():
        found = network.eval()((images - mean) / std).numpy()

    assert np.abs(found - expected).max() < 1e-4 * np.abs(expected).max()


def test_the_record_says_what_the_files_are_and_how_right(exported, record, logits):
    part, expected = logits

    assert (record.recipe, record.network, record.seed) == ("reference", "resnet18", 0)
    assert record.class_names == tuple("0123456789")
    assert (record.pixels, record.image_size, record.calibration_images) == (32, 32, 16)
    assert record.validation_images == 20
    assert record.validation_accuracy == np.mean(expected.argmax(axis=1) == part.labels)
    session = onnxruntime.InferenceSession(exported.folder / "model_int8.onnx")
    (rough,) = session.run(None, {"pixels": part.images})
    assert record.int8_validation_accuracy == np.mean(rough.argmax(axis=1) == part.labels)
    for name, file in record.files.items():
        assert file.sha256 == file_digest(exported.folder / name)
        assert file.bytes == (exported.folder / name).stat().st_size


def test_exporting_again_gives_the_same_bytes(exported, tmp_path):
    export_network(exported.model, exported.data, SETTINGS, 0.95, tmp_path / "again")

    for path in exported.folder.iterdir():
        assert (tmp_path / "again" / path.name).read_bytes() == path.read_bytes(), path.name


def test_without_validation_part_outputs_are_compared_on_training_images(tmp_path):
    exported = make_exported(tmp_path, validation=False, image_size=24)

    record = read_json(exported.folder / "export.json")
    assert (record["validation_images"], record["validation_accuracy"]) == (0, None)
    assert (record["pixels"], record["image_size"]) == (32, 24)
    sample = load_part(exported.data, "train").images[spread_sample(60, 16)]
    session = onnxruntime.InferenceSession(exported.folder / "model.onnx")
    (found,) = session.run(None, {"pixels": sample})
    assert record["largest_output"] == pytest.approx(np.abs(found).max(), rel=1e-4)
    assert 0 < record["largest_output_difference"] < 1e-4 * record["largest_output"]


def test_a_file_whose_outputs_are_not_the_networks_is_refused(exported, tmp_path, monkeypatch):
    monkeypatch.setattr(exporting, "TOLERANCE", 1e-12)

    with pytest.raises(UserError) as caught:
        export_network(exported.model, exported.data, SETTINGS, 0.95, tmp_path / "out")

    assert "reference/resnet18: outputs of its ONNX file differ by" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_a_quantized_file_whose_outputs_are_no_numbers_is_refused(exported, tmp_path, monkeypatch):
    def broken(model, images):
        found = quantized(model, images)
        name = found.graph.node[-1].input[1]
        scale = next(each for each in found.graph.initializer if each.name == name)
        scale.CopyFrom(onnx.numpy_helper.from_array(np.float32(np.nan), scale.name))
        return found

    monkeypatch.setattr(exporting, "quantized", broken)

    with pytest.raises(UserError, match=r"resnet18, model_int8\.onnx: outputs aren't finite"):
        export_network(exported.model, exported.data, SETTINGS, 0.95, tmp_path / "out")

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("largest_output", -1.0),
        ("largest_output_difference", -0.1),
        ("files", {"model.onnx": {"bytes": 1, "sha256": "none"}}),
        ("weights_digest", "sha256:none"),
    ],
)
def test_a_record_with_a_negative_size_or_a_text_for_a_digest_is_none(record, key, value):
    with pytest.raises(ValidationError, match=key):
        ExportRecord.model_validate(record.model_dump() | {key: value})


def test_a_damaged_network_is_one_line_and_nothing_is_written(exported, tmp_path):
    model = shutil.copytree(exported.model, tmp_path / "model")
    (model / "model.safetensors").write_bytes(b"no tensors")

    with pytest.raises(UserError, match="no readable network"):
        export_network(model, exported.data, SETTINGS, 0.95, tmp_path / "out")

    assert not (tmp_path / "out").exists()
