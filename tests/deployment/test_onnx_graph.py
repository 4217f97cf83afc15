"""A network's ONNX file: its outputs from an image's bytes, at any batch size, and no traces."""

import copy

import numpy as np
import onnx
import pytest
import torch
from given.used_network import MEAN, STD, narrowed, used_network

from resnet_depth.deployment.onnx_graph import onnx_model, write_onnx
from resnet_depth.deployment.session import answer, open_session
from resnet_depth.networks.compaction import compact
from resnet_depth.networks.prediction import Images, predict_logits


def images(count, side):
    return np.random.default_rng(0).integers(0, 256, (count, side, side, 3), dtype=np.uint8)


def assert_same_outputs(network, size, pixels, folder, std=STD):
    path = folder / "model.onnx"
    batch = images(3, pixels)
    write_onnx(onnx_model(network, size, pixels, MEAN, std), path)
    session = open_session(path, 1, "export")
    expected = predict_logits(network, Images(batch, MEAN, std, torch.device("cpu"), size), 3)

    found = answer(session, batch)

    assert found.dtype == np.float32
    assert np.abs(found - expected.numpy()).max() < 1e-4 * expected.abs().max()
    # One alone has what it has among others.
    assert np.abs(answer(session, batch[:1]) - found[:1]).max() < 1e-5 * abs(found).max()


@pytest.mark.parametrize(
    ("depth", "stem", "size"),
    [(18, "imagenet", 32), (34, "half", 32), (50, "cifar", 16), (18, "imagenet", 40)],
)
def test_outputs_are_the_networks(depth, stem, size, tmp_path):
    network = compact(used_network(depth, stem, size), size)

    assert_same_outputs(network, size, size, tmp_path)


def test_a_pruned_network_has_its_own_outputs(tmp_path):
    network = narrowed(compact(used_network(18, "imagenet", 32), 32))

    assert_same_outputs(network, 32, 32, tmp_path)


@pytest.mark.parametrize(("pixels", "size"), [(32, 24), (24, 32), (32, 64), (45, 32)])
def test_images_of_another_size_are_scaled_as_in_training(pixels, size, tmp_path):
    network = compact(used_network(18, "imagenet", size), size)

    assert_same_outputs(network, size, pixels, tmp_path)


def test_a_channel_that_never_varies_is_only_centred(tmp_path):
    network = compact(used_network(18, "imagenet", 32), 32)

    assert_same_outputs(network, 32, 32, tmp_path, std=(0.2, 0.0, 0.3))


def test_the_file_is_valid_names_the_networks_layers_and_nothing_else(tmp_path):
    network = compact(used_network(18, "imagenet", 32), 32)
    model = onnx_model(network, 32, 32, MEAN, STD)
    model.doc_string, model.producer_name = "made in /home/someone", "somebody"
    model.graph.node[0].doc_string = "on Monday"
    onnx.helper.set_model_props(model, {"host": "here"})

    write_onnx(model, tmp_path / "model.onnx")

    written = onnx.load(tmp_path / "model.onnx")
    onnx.checker.check_model(written, full_check=True)
    text = str(written)
    for trace in ("someone", "somebody", "Monday", "host"):
        assert trace not in text
    names = {node.name for node in written.graph.node}
    convolutions = {name for name, layer in network.named_modules() if name.startswith("conv")}
    assert convolutions < names
    assert {"layer1.0.conv1", "layer4.1.conv2", "layer2.0.downsample.0"} < names


@pytest.mark.parametrize("made", [lambda full: full, lambda full: compact(full, 32)])
def test_the_given_network_stays_as_it_was(made):
    network = made(used_network(18, "imagenet", 32))
    before = copy.deepcopy(network.state_dict())

    onnx_model(network, 32, 32, MEAN, STD)

    after = network.state_dict()
    assert list(after) == list(before)
    assert all(torch.equal(after[name], value) for name, value in before.items())


def test_equal_networks_give_equal_bytes(tmp_path):
    for name in ("one", "other"):
        network = compact(used_network(18, "imagenet", 32), 32)
        write_onnx(onnx_model(network, 32, 32, MEAN, STD), tmp_path / name)

    assert (tmp_path / "one").read_bytes() == (tmp_path / "other").read_bytes()
