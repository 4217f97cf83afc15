"""Latency: all forms of a network are timed, and stand with all that the times depend on."""

import copy
import shutil

import pytest
import torch
from given.narrow_network import narrow
from torch import nn

from resnet_depth.base.errors import UserError
from resnet_depth.latency.measure import folded_form, measure_latency, torch_form
from resnet_depth.latency.settings import BatchTiming, LatencySettings
from resnet_depth.latency.timing import compare_outputs, random_images
from resnet_depth.networks.storage import load_network
from resnet_depth.runs.records import read_record
from resnet_depth.training.records import TrainingRecord

SETTINGS = LatencySettings(
    device="cpu",
    threads=1,
    sessions=2,
    pause=0,
    band=0.5,
    single=BatchTiming(batch_size=1, warmup=1, repeats=3),
    batched=BatchTiming(batch_size=16, warmup=1, repeats=2),
)


def test_a_measurement_stands_with_all_it_depends_on(exported):
    result = measure_latency(exported.model, exported.folder, SETTINGS)

    assert (result.network, result.image_size, result.dtype) == ("resnet18", 32, "float32")
    assert (result.device, result.threads, result.band) == ("cpu", 1, 0.5)
    assert result.deployed_by.startswith("ONNX Runtime 1.")
    for timings in (result.plain, result.deployed, result.int8):
        assert (timings.single.batch_size, timings.batched.batch_size) == (1, 16)
        assert len(timings.single.session_medians) == 2
        assert timings.single.counted == result.plain.single.counted
    assert result.largest_output_difference < 1e-4 * result.largest_output
    assert 0 <= result.other_load <= 1
    assert result.environment.machine_class.processor
    version = result.environment.machine_class.packages["torch"]
    assert version == torch.__version__.split("+")[0]


@pytest.mark.parametrize("made", [lambda network: network, narrow])
def test_where_torch_stays_its_outputs_are_the_same_without_batch_norm(exported, made):
    record = read_record(exported.model / "train.json", TrainingRecord, "train")
    network, cpu = load_network(exported.model, record.shape), torch.device("cpu")
    made(network)
    before = copy.deepcopy(network.state_dict())

    folded = folded_form(network, record, cpu)

    after = network.state_dict()
    assert list(after) == list(before)
    assert all(torch.equal(after[name], value) for name, value in before.items())
    modules = folded(random_images(1, 32)).func.modules()
    assert not any(isinstance(layer, nn.BatchNorm2d) for layer in modules)
    plain = torch_form(network, record, cpu, torch.contiguous_format)
    difference, largest = compare_outputs(plain, folded, random_images(5, 32))
    assert difference < 1e-4 * largest


def test_a_truncated_file_is_one_line_that_names_the_export(exported, tmp_path):
    folder = shutil.copytree(exported.folder, tmp_path / "export")
    file = folder / "model_int8.onnx"
    file.write_bytes(file.read_bytes()[:1000])

    with pytest.raises(UserError, match="'dvc repro export@digits-reference-18'") as caught:
        measure_latency(exported.model, folder, SETTINGS)

    assert "\n" not in str(caught.value)
