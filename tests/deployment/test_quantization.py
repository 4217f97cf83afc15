"""8-bit files: near the network's outputs, quarter the size, the same bytes each time."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from given.digit_images import digit_images
from given.used_network import MEAN, STD, used_network

from resnet_depth.deployment.onnx_graph import onnx_model, write_onnx
from resnet_depth.deployment.quantization import quantized, spread_sample
from resnet_depth.deployment.session import answer, open_session
from resnet_depth.networks.compaction import compact


@pytest.fixture(scope="module")
def model():
    return onnx_model(compact(used_network(18, "imagenet", 32), 32), 32, 32, MEAN, STD)


@pytest.fixture(scope="module")
def images():
    return digit_images(0, 70).images


@pytest.fixture(scope="module")
def made(model, images):
    return quantized(model, images)


def write(model, path):
    write_onnx(model, path)
    return path


def test_a_sample_lies_evenly_over_all_images():
    assert spread_sample(10, 5).tolist() == [0, 2, 4, 6, 8]
    assert spread_sample(3, 5).tolist() == [0, 1, 2]
    # Images in the order of three classes: each has its share.
    assert np.bincount(np.repeat([0, 1, 2], 40)[spread_sample(120, 30)]).tolist() == [10, 10, 10]


def test_layers_compute_in_8_bits_near_the_networks_outputs(model, images, made, tmp_path):
    types = {weight.data_type for weight in made.graph.initializer if "weight_quan" in weight.name}
    assert types == {onnx.TensorProto.INT8}
    exact, rough = (
        answer(open_session(write(each, tmp_path / name), 1, "export"), images)
        for name, each in (("exact", model), ("rough", made))
    )
    assert 0 < np.abs(rough - exact).max() < 0.15 * np.abs(exact).max()
    sizes = [(tmp_path / name).stat().st_size for name in ("exact", "rough")]
    assert sizes[1] < 0.3 * sizes[0]


def test_answers_are_those_of_exact_sums_whatever_the_processor_adds_by(made, images):
    # Unchanged, the graph computes in float32 what its integers stand for, where nothing overflows.
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    exact, found = (
        onnxruntime.InferenceSession(
            made.SerializeToString(), each, providers=["CPUExecutionProvider"]
        )
        for each in (options, None)
    )

    expected = answer(exact, images)

    # A value between two integers may be rounded otherwise. With weights of eight bits it is 0.05.
    assert np.abs(answer(found, images) - expected).mean() < 0.01 * np.abs(expected).max()


def test_no_two_products_overflow_sixteen_bits(made):
    weights = [
        onnx.numpy_helper.to_array(each)
        for each in made.graph.initializer
        if "weight_quan" in each.name
    ]

    assert len(weights) > 20
    assert all(2 * 255 * int(np.abs(each.astype(int)).max()) < 2**15 for each in weights)


def test_the_given_model_stays_and_no_file_is_left(model, tmp_path, monkeypatch):
    before = model.SerializeToString(deterministic=True)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.chdir(tmp_path)

    quantized(model, digit_images(0, 8).images)

    assert model.SerializeToString(deterministic=True) == before
    assert list(tmp_path.iterdir()) == []


PROGRAM = """
import sys
from pathlib import Path
import onnx
from given.digit_images import digit_images
from resnet_depth.deployment.onnx_graph import write_onnx
from resnet_depth.deployment.quantization import quantized
write_onnx(quantized(onnx.load(sys.argv[1]), digit_images(0, 70).images), Path(sys.argv[2]))
"""


def test_bytes_are_the_same_in_every_process(model, made, tmp_path):
    exact, here = write(model, tmp_path / "exact"), write(made, tmp_path / "here")
    root = Path(__file__).parents[2]
    # Of another seed than here, whatever it is here.
    environment = os.environ | {
        "PYTHONHASHSEED": "2" if os.environ.get("PYTHONHASHSEED") == "1" else "1",
        "PYTHONPATH": f"{root / 'src'}{os.pathsep}{root / 'tests'}",
    }
    command = [sys.executable, "-c", PROGRAM, str(exact), str(tmp_path / "elsewhere")]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)

    # No advice that doesn't apply.
    assert done.stdout + done.stderr == ""
    assert here.read_bytes() == (tmp_path / "elsewhere").read_bytes()
